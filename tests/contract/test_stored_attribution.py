"""What reports store of direct logit attribution, against hooks on transformers' own modules."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.audit.audit import audit
from tests.fixtures.models import FAMILIES, save_model, save_tokenizer, sentences, with_biases
from tests.fixtures.reports import build
from tests.fixtures.spoiled import change_manifest, change_shard, patch

TEXTS = [*sentences(7, (9, 12)), "cat"]


def report_of(folder, where, **more):
    corpus = {
        "models": [{"name": "m", "source": str(folder)}],
        "documents": [{"text": TEXTS}],
        "maps": {"methods": []},
        "probes": False,
        "writes": {"pairs": True},
    }
    build(corpus | more, where / "report")
    return attnviz.open_report(where / "report")


@pytest.fixture(scope="module")
def gpt2(tmp_path_factory):
    """A seeded random GPT-2 with biases, its report, and its tokenizer."""
    where = tmp_path_factory.mktemp("attribution")
    (where / "model").mkdir()
    config = FAMILIES["gpt2"](save_tokenizer(where / "model"))
    model = with_biases(transformers.GPT2LMHeadModel, config)
    model.save_pretrained(where / "model")
    tokenizer = transformers.AutoTokenizer.from_pretrained(where / "model")
    return model, report_of(where / "model", where), tokenizer


def entry_of(report):
    return report.manifest.models[0].writes.attribution


def written_by_hand(model, ids):
    """(layers, heads, T − 1, T): by how much each head raises the next token's logit by each key;
    and the logits (T − 1,)."""
    model.set_attn_implementation("eager")
    body, pairs, streams = model.transformer, [], []
    hook = body.ln_f.register_forward_pre_hook(lambda module, args: streams.append(args[0]))
    with torch.no_grad():
        output = model(ids, output_hidden_states=True, output_attentions=True)
        hook.remove()
        stream = streams[0][0, :-1]
        scale = (stream.var(-1, unbiased=False) + body.ln_f.eps).sqrt()
        onto = model.lm_head.weight[ids[0, 1:]]  # (query, hidden)
        for layer, block in enumerate(body.h):
            values = block.attn.c_attn(block.ln_1(output.hidden_states[layer]))[0, :, 64:]
            for head in range(4):
                part = slice(8 * head, 8 * head + 8)
                written = values[:, part] @ block.attn.c_proj.weight[part]  # (key, hidden)
                centred = (written - written.mean(-1, keepdim=True)) * body.ln_f.weight
                attention = output.attentions[layer][0, head, :-1]
                pairs.append((attention * (onto @ centred.T) / scale[:, None]).double().numpy())
    logits = output.logits[0, :-1].gather(1, ids[0, 1:, None])[:, 0].double().numpy()
    return np.array(pairs).reshape(len(body.h), 4, *pairs[0].shape), logits


def test_heads_add_what_their_rows_of_the_projection_write(gpt2):
    model, report, tokenizer = gpt2
    error = entry_of(report).error
    assert 0 < error < 1e-4
    for document, text in enumerate(TEXTS[:2]):
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        expected = written_by_hand(model, ids)[0].sum(-1)
        assert abs(expected).max() > 0.05
        stored = [[report.attribution(n, head, document) for head in range(4)] for n in range(2)]
        np.testing.assert_allclose(stored, expected, atol=error + 1e-6)
        live = attnviz.logit_attribution(model, tokenizer, text)
        np.testing.assert_allclose(stored, live.heads, atol=error + 1e-6)


def test_pairs_add_what_the_key_brings(gpt2):
    model, report, tokenizer = gpt2
    error = entry_of(report).pairs_error
    for document, text in enumerate(TEXTS[:2]):
        ids = tokenizer(text, return_tensors="pt")["input_ids"]
        expected = written_by_hand(model, ids)[0]
        assert 0 < error < abs(expected).max() / 200
        stored = [
            [report.attributed_pairs(n, head, document) for head in range(4)] for n in range(2)
        ]
        np.testing.assert_allclose(stored, expected, atol=error + 1e-6)


def test_all_parts_of_a_token_sum_to_its_logit(gpt2):
    model, report, tokenizer = gpt2
    ids = tokenizer(TEXTS[1], return_tensors="pt")["input_ids"]
    logits = written_by_hand(model, ids)[1]
    for token, logit in enumerate(logits):
        table = report.logit_parts(1, token).to_pylist()
        assert sum(row["value"] for row in table) == pytest.approx(logit, abs=1e-4)
        names = {row["part"] for row in table}
        assert names == {"embedding", "head", "attention_bias", "feed_forward", "last_bias"}


def test_tokens_and_documents_without_a_next_token_are_named(gpt2):
    _, report, _ = gpt2
    assert entry_of(report).missing == []
    with pytest.raises(attnviz.InputError, match="it has one token, or its"):
        report.attribution(0, 0, 2)
    with pytest.raises(attnviz.InputError, match="token 11: expected one that another follows"):
        report.logit_parts(1, 11)
    with pytest.raises(attnviz.InputError, match="this report has 3"):
        report.attribution(0, 0, 3)


def differences(folder):
    return [
        str(found)
        for found in audit(folder, lambda _name, layers: layers).differences
        if "logit" in found.figure or "error" in found.figure
    ]


def test_the_deep_check_adds_parts_and_pairs_up(gpt2):
    _, report, _ = gpt2
    findings = audit(report.folder, lambda _name, layers: layers)
    assert [str(found) for found in findings.differences] == []
    assert findings.skipped["how far parts of logits are off: that needs the model"] == 2


@pytest.mark.parametrize(
    ("shard", "column", "named"),
    [
        ("attribution-m-0", "logits", "document 0, token 3: logit of the next token"),
        ("attribution-m-0", "scales", "document 0, token 3: logit of the next token"),
        ("attribution-pairs-m-decoder-L1-0", "scales", "m L1H0, document 0, token 3: what the"),
    ],
)
def test_the_deep_check_names_what_does_not_add_up(gpt2, tmp_path, shard, column, named):
    _, report, _ = gpt2
    folder = shutil.copytree(report.folder, tmp_path / "report")
    other = np.float32(0.5).tobytes()
    change_shard(folder, shard, lambda content: patch(content, column, 3, 3 * 4, other))
    assert any(named in found for found in differences(folder))


@pytest.mark.parametrize("name", ["error", "pairs_error"])
def test_the_deep_check_names_an_error_that_is_no_rounding(gpt2, tmp_path, name):
    _, report, _ = gpt2
    folder = shutil.copytree(report.folder, tmp_path / "report")

    def larger(manifest):
        manifest["models"][0]["writes"]["attribution"][name] *= 3

    change_manifest(folder, larger)
    [found] = differences(folder)
    assert f"m, attribution: {name} is within half a step" in found


def test_a_model_that_predicts_no_next_tokens_says_so(tmp_path):
    report = report_of(save_model("bert", tmp_path / "bert"), tmp_path)
    [reason] = entry_of(report).missing
    assert reason == "what heads add to logits is not known: the model has no head for next tokens"
    with pytest.raises(attnviz.InputError, match="no head for next tokens"):
        report.attribution(0, 0, 0)


def test_heads_of_blocks_that_norm_the_sum_count_as_the_rest_of_their_blocks(tmp_path):
    config = transformers.Gemma2Config(
        vocab_size=save_tokenizer(tmp_path), num_key_value_heads=2, head_dim=8, hidden_size=32,
        intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
        max_position_embeddings=64, final_logit_softcapping=3.0,
    )  # fmt: skip
    model = with_biases(transformers.Gemma2ForCausalLM, config)
    model.save_pretrained(tmp_path)
    report = report_of(tmp_path, tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(tmp_path)
    assert differences(report.folder) == []
    capped, blocks = entry_of(report).missing
    assert "such as by a soft cap" in capped
    assert blocks.startswith("what heads of all layers add to logits is not told apart")
    with pytest.raises(attnviz.InputError, match="is not told apart"):
        report.attribution(0, 0, 0)
    table = report.logit_parts(0, 3).to_pylist()
    assert {row["part"] for row in table} == {"embedding", "rest"}
    with torch.no_grad():
        ids = tokenizer(TEXTS[0], return_tensors="pt")["input_ids"]
        logit = float(model(ids).logits[0, 3, ids[0, 4]])
    assert 3 * np.tanh(sum(row["value"] for row in table) / 3) == pytest.approx(logit, abs=1e-3)
