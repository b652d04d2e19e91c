"""What heads write: of a circuit wired by hand, and worked out anew from transformers' hidden
states and weights."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers
from PIL import Image

import attnviz
from corpora import make_induction
from tests.fixtures.models import FAMILIES, save_model, save_tokenizer, sentences, with_biases
from tests.fixtures.reports import build

TEXTS = sentences(4, (9, 9, 14))
SIZES = {
    "hidden_size": 32, "intermediate_size": 48, "num_hidden_layers": 2, "num_attention_heads": 4,
    "max_position_embeddings": 192,
}  # fmt: skip


def report_of(folder, where, texts=TEXTS, **more):
    corpus = {
        "models": [{"name": "m", "source": str(folder)}],
        "documents": [{"text": texts}],
        "maps": {"methods": []},
        "probes": False,
        "writes": True,
    }
    build(corpus | more, where / "report")
    return attnviz.open_report(where / "report")


def save(kind, config, folder):
    """A seeded random model; it as it was saved."""
    model = with_biases(kind, config)
    model.save_pretrained(folder)
    return model


def inputs(folder):
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    return tokenizer, [tokenizer(text, return_tensors="pt")["input_ids"] for text in TEXTS]


def norm(a):
    return np.linalg.norm(a, axis=(-2, -1))


def compositions(earlier, later):
    """Of W_Q, W_K, W_V (hidden, d) and W_O (d, hidden), by the formulas, with whole matrices."""
    writes = earlier["v"] @ earlier["o"]
    qk, ov = later["q"] @ later["k"].T, later["v"] @ later["o"]
    expected = []
    for side in (qk, qk.T, ov):
        together = norm(writes @ side)
        expected.append(together / (norm(writes) * norm(side)) if together else 0.0)
    return expected


def folded(weight, gain, centred):
    """W (hidden, n) behind a norm's gain."""
    weight = gain[:, None] * weight
    return weight - weight.mean(0) if centred else weight


def composed_as(report, matrices):
    """Whether the report's table has every pair of heads, `matrices` by layer and head."""
    rows = report.composition().to_pylist()
    assert len(rows) == 16
    for row in rows:
        expected = compositions(
            matrices[row["earlier_layer"]][row["earlier_head"]], matrices[row["layer"]][row["head"]]
        )
        assert [row["q"], row["k"], row["v"]] == pytest.approx(expected, abs=1e-4)
    return rows


@pytest.fixture(scope="module")
def induction(tmp_path_factory):
    where = tmp_path_factory.mktemp("induction")
    make_induction.save(where / "model")
    return report_of(where / "model", where, make_induction.texts()["repeated.txt"][:4])


def test_the_head_that_copies_raises_each_token_and_its_neighbours_write_nothing(induction):
    rows = induction.writes(1, 1).to_pylist()
    words = [row for row in rows if row["text"] in make_induction.WORDS]
    assert len(words) >= 8
    for row in words:
        assert (row["raised"][0], row["copying"]) == (row["text"], 1)
        assert min(row["length"], row["raised_by"][0]) > 0
    for row in induction.writes(1, 0).to_pylist():
        assert row["length"] == row["copying"] == 0
        assert row["raised"] == row["lowered"] == []


def test_most_attention_comes_first_and_is_a_share(induction):
    rows = induction.writes(0, 0).to_pylist()  # it attends to the first token alone
    shares = [row["attention"] for row in rows]
    assert rows[0]["text"] == make_induction.START
    assert shares[0] > 0.99
    assert shares == sorted(shares, reverse=True)
    assert sum(shares) <= 1 + 1e-6


def test_the_induction_head_reads_the_head_for_previous_tokens_by_its_keys(induction):
    rows = induction.composition().to_pylist()
    [pair] = [row for row in rows if max(row["q"], row["k"], row["v"]) > 1e-6]
    places = (pair["layer"], pair["head"], pair["earlier_layer"], pair["earlier_head"])
    assert places == (1, 1, 0, 2)
    assert pair["k"] > 1.9 * pair["chance"]
    assert pair["q"] == pair["v"] == 0


def test_next_tokens_follow_from_a_gpt2s_own_states_and_weights(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    model = save(transformers.GPT2LMHeadModel, FAMILIES["gpt2"](save_tokenizer(folder)), folder)
    report = report_of(folder, tmp_path)
    assert report.manifest.models[0].writes.missing == []
    tokenizer, ids = inputs(folder)
    body = model.transformer
    written, states = {}, []
    body.ln_f.register_forward_pre_hook(lambda module, args: states.append(args[0][0]))
    with torch.no_grad():
        for document in ids:
            hidden = model(document, output_hidden_states=True).hidden_states
            for layer, block in enumerate(body.h):
                values = block.attn.c_attn(block.ln_1(hidden[layer]))[0, :, 64:]
                for head in range(4):
                    part = slice(8 * head, 8 * head + 8)
                    added = values[:, part] @ block.attn.c_proj.weight[part]
                    for token, row in zip(document[0].tolist(), added, strict=True):
                        written.setdefault((layer, head, token), []).append(row)
        last = torch.cat(states)
        inverse = (1 / (last.var(-1, unbiased=False) + body.ln_f.eps).sqrt()).mean()
    assert report.manifest.models[0].writes.inverse_scale == pytest.approx(float(inverse), rel=1e-4)
    for layer in range(2):
        for head in range(4):
            for row in report.writes(layer, head).to_pylist():
                rows = torch.stack(written[layer, head, row["id"]])
                assert row["count"] == len(rows)
                assert row["length"] == pytest.approx(float(rows.norm(dim=-1).mean()), rel=1e-4)
                mean = rows.mean(0)
                normed = (mean - mean.mean()) * body.ln_f.weight * inverse
                logits = (model.lm_head.weight @ normed).detach()
                order = logits.argsort(descending=True)[:5]
                names = tokenizer.convert_ids_to_tokens(order.tolist())
                assert row["raised"] == names
                np.testing.assert_allclose(row["raised_by"], logits[order], atol=1e-4)
                np.testing.assert_allclose(row["lowered_by"], logits.sort().values[:5], atol=1e-4)
                above = (logits[row["id"]] > logits).sum() - (logits[row["id"]] < logits).sum()
                assert row["copying"] == pytest.approx(float(above) / (len(logits) - 1), abs=0.02)


def test_attention_that_tokens_get_is_the_models_own(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    model = save(transformers.GPT2LMHeadModel, FAMILIES["gpt2"](save_tokenizer(folder)), folder)
    report = report_of(folder, tmp_path)
    model.set_attn_implementation("eager")
    received, rows = {}, 0
    with torch.no_grad():
        for document in inputs(folder)[1]:
            attention = model(document, output_attentions=True).attentions[1][0, 2].double()
            rows += len(attention)
            for token, of_key in zip(document[0].tolist(), attention.sum(0), strict=True):
                received[token] = received.get(token, 0.0) + float(of_key)
    table = report.writes(1, 2).to_pylist()
    for row in table:
        assert row["attention"] == pytest.approx(received[row["id"]] / rows, abs=1e-5)
    assert {row["id"] for row in table} >= set(sorted(received, key=received.get)[-8:])


def test_composition_follows_from_a_gpt2s_weights(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    model = save(transformers.GPT2LMHeadModel, FAMILIES["gpt2"](save_tokenizer(folder)), folder)
    matrices = []
    for block in model.transformer.h:
        fused = block.attn.c_attn.weight.detach().numpy()
        gain, out = block.ln_1.weight.detach().numpy(), block.attn.c_proj.weight.detach().numpy()
        parts = [folded(fused[:, 32 * n : 32 * n + 32], gain, True) for n in range(3)]
        matrices.append(
            [
                dict(zip("qkv", (part[:, 8 * h : 8 * h + 8] for part in parts), strict=True))
                | {"o": out[8 * h : 8 * h + 8]}
                for h in range(4)
            ]
        )
    rows = composed_as(report_of(folder, tmp_path), matrices)
    assert rows[0]["chance"] == pytest.approx(32**-0.5)


def test_a_gpt_neox_that_keeps_q_k_and_v_of_a_head_together_is_sliced_by_heads(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    config = transformers.GPTNeoXConfig(vocab_size=save_tokenizer(folder), **SIZES)
    model = save(transformers.GPTNeoXForCausalLM, config, folder)
    matrices = []
    for block in model.gpt_neox.layers:
        gain = block.input_layernorm.weight.detach().numpy()
        fused = folded(block.attention.query_key_value.weight.detach().numpy().T, gain, True)
        fused = fused.reshape(32, 4, 3, 8)  # (hidden, head, which, d)
        out = block.attention.dense.weight.detach().numpy().T
        matrices.append(
            [
                {side: fused[:, h, n] for n, side in enumerate("qkv")}
                | {"o": out[8 * h : 8 * h + 8]}
                for h in range(4)
            ]
        )
    report = report_of(folder, tmp_path)
    composed_as(report, matrices)
    [row] = report.writes(1, 3).slice(0, 1).to_pylist()
    lengths = []
    with torch.no_grad():
        for document in inputs(folder)[1]:
            hidden = model(document, output_hidden_states=True).hidden_states[1]
            block = model.gpt_neox.layers[1]
            fused = block.attention.query_key_value(block.input_layernorm(hidden))[0]
            values = fused.reshape(-1, 4, 3, 8)[:, 3, 2]
            added = values @ block.attention.dense.weight[:, 24:].T
            lengths += added.norm(dim=-1)[document[0] == row["id"]].tolist()
    assert row["length"] == pytest.approx(np.mean(lengths), rel=1e-4)


def test_composition_of_grouped_keys_behind_an_rms_norm(tmp_path):
    folder = tmp_path / "model"
    folder.mkdir()
    config = transformers.LlamaConfig(
        vocab_size=save_tokenizer(folder), num_key_value_heads=2, **SIZES
    )
    model = save(transformers.LlamaForCausalLM, config, folder)
    matrices = []
    for block in model.model.layers:
        gain, attention = block.input_layernorm.weight.detach().numpy(), block.self_attn
        q, k, v = (
            folded(getattr(attention, f"{side}_proj").weight.detach().numpy().T, gain, False)
            for side in "qkv"
        )
        out = attention.o_proj.weight.detach().numpy().T
        matrices.append(
            [
                {
                    "q": q[:, 8 * h : 8 * h + 8],
                    "k": k[:, 8 * (h // 2) : 8 * (h // 2) + 8],
                    "v": v[:, 8 * (h // 2) : 8 * (h // 2) + 8],
                    "o": out[8 * h : 8 * h + 8],
                }
                for h in range(4)
            ]
        )
    composed_as(report_of(folder, tmp_path), matrices)


def missing(report):
    return "; ".join(report.manifest.models[0].writes.missing)


def test_of_a_block_that_norms_the_sum_lengths_remain(tmp_path):
    report = report_of(save_model("bert", tmp_path / "bert"), tmp_path)
    assert "do not add what attention puts out" in missing(report)
    rows = report.writes(1, 2).to_pylist()
    assert all(row["length"] > 0 and row["copying"] is None and not row["raised"] for row in rows)
    assert report.composition().num_rows == 0
    assert any(notice.kind == "writes" for notice in report.manifest.notices)


def test_where_no_projection_takes_in_what_heads_bring_nothing_remains(tmp_path):
    report = report_of(save_model("deberta", tmp_path / "deberta"), tmp_path)
    assert missing(report).startswith("what heads of all layers write is not known")
    assert "no types of tokens" not in missing(report)
    assert report.composition().num_rows == 0


def test_without_an_unembedding_composition_remains(tmp_path):
    report = report_of(save_model("gpt2", tmp_path / "base"), tmp_path)
    assert "the model has no unembedding" in missing(report)
    assert all(row["copying"] is None for row in report.writes(0, 0).to_pylist())
    assert report.composition().num_rows == 16


def test_patches_have_no_types_but_their_heads_are_composed(tmp_path):
    config = transformers.ViTConfig(
        hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=48,
        image_size=32, patch_size=8,
    )  # fmt: skip
    folder = tmp_path / "vit"
    torch.manual_seed(5)
    transformers.ViTModel(config).save_pretrained(folder)
    size = {"height": 32, "width": 32}
    transformers.ViTImageProcessorPil(size=size).save_pretrained(folder)
    Image.effect_noise((32, 32), 90).convert("RGB").save(tmp_path / "noise.png")
    documents = [{"images": [str(tmp_path / "noise.png")]}]
    report = report_of(folder, tmp_path, documents=documents)
    assert "no types of tokens" in missing(report)
    assert report.composition().num_rows == 16
    with pytest.raises(attnviz.InputError, match="what it writes is not known"):
        report.writes(0, 0)


def test_heads_that_attend_to_another_stack_are_named(tmp_path):
    documents = [{"translate": [{"source": TEXTS[0], "target": TEXTS[1]}]}]
    report = report_of(save_model("t5", tmp_path / "t5"), tmp_path, documents=documents)
    assert "what they attend to is of another stack" in missing(report)
    stacks = set(report.composition()["stack"].to_pylist())
    assert stacks == {"encoder", "decoder"}


def test_a_corpus_that_does_not_ask_has_none(tmp_path):
    report = report_of(save_model("gpt2", tmp_path / "base"), tmp_path, writes=False)
    with pytest.raises(attnviz.InputError, match="build with writes: true"):
        report.writes(0, 0)
    with pytest.raises(attnviz.InputError, match="build with writes: true"):
        report.composition()
