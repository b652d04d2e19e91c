"""What losing a head costs: ablation by attnviz against a hook written by hand on transformers'
own models, and a circuit wired by hand whose heads are known."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.errors import InputError
from corpora import make_induction
from tests.fixtures.models import sentences
from tests.fixtures.reports import build

TEXTS = sentences(4, (9, 9, 14))
MAPS = {"methods": []}


def report_of(folder, where, documents, effects=True, **more):
    """The report of a model with its heads' effects."""
    corpus = {
        "models": [{"name": "m", "source": str(folder)}],
        "documents": documents,
        "maps": MAPS,
        "effects": effects,
        "probes": False,
    }
    build(corpus | more, where / "report")
    return attnviz.open_report(where / "report")


# Of each family: its class with a head, and the module that takes in what the heads of a layer
# bring, side by side.
HEADED = {
    "gpt2": (transformers.GPT2LMHeadModel, "transformer.h.{}.attn.c_proj"),
    "llama": (transformers.LlamaForCausalLM, "model.layers.{}.self_attn.o_proj"),
}


def silenced(model, path, head, size=8):
    """A hook that puts zeros in a head's place before its layer's output projection."""

    def hook(module, args):
        changed = args[0].clone()
        changed[..., size * head : size * (head + 1)] = 0
        return (changed, *args[1:])

    return model.get_submodule(path).register_forward_pre_hook(hook)


def headed(family, folder, tmp_path):
    """A model with its head for tokens, its weights random, saved with its tokenizer."""
    kind, path = HEADED[family]
    body = transformers.AutoModel.from_pretrained(folder)
    torch.manual_seed(5)
    model = kind(body.config).eval()
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.dim() > 1:
                parameter.normal_(0, 0.4)
    model.save_pretrained(tmp_path / "model")
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    tokenizer.save_pretrained(tmp_path / "model")
    return model, tokenizer, path


def by_hand(model, tokenizer, path):
    """By (document, layer, head): how much the loss rises, and the divergence, both per token that
    is predicted."""
    expected = {}
    for number, text in enumerate(TEXTS):
        ids = tokenizer(text, return_tensors="pt")["input_ids"]

        def log_p(ids=ids):
            with torch.no_grad():
                return model(ids).logits[0, :-1].double().log_softmax(-1)

        before, target = log_p(), ids[0, 1:, None]
        for layer in range(2):
            for head in range(4):
                hook = silenced(model, path.format(layer), head)
                after = log_p()
                hook.remove()
                loss = (before - after).gather(1, target).mean()
                kl = (before.exp() * (before - after)).sum(-1).mean()
                expected[number, layer, head] = float(loss), float(kl)
    return expected


@pytest.mark.parametrize("family", HEADED)
def test_a_head_silenced_is_a_hook_written_by_hand(family, tiny_model, tmp_path):
    model, tokenizer, path = headed(family, tiny_model(family), tmp_path)
    report = report_of(tmp_path / "model", tmp_path, [{"text": TEXTS}])
    expected = by_hand(model, tokenizer, path)
    rows = report.effects.to_pylist()
    assert len(rows) == len(expected)
    for row in rows:
        loss, kl = expected[row["document"], row["layer"], row["head"]]
        assert row["loss"] == pytest.approx(loss, abs=1e-5)
        assert row["kl"] == pytest.approx(kl, abs=1e-5)
    assert report.manifest.models[0].effects.measure == "next token"


def test_an_encoder_without_a_head_is_measured_by_its_last_hidden_states(tiny_model, tmp_path):
    report = report_of(tiny_model("bert"), tmp_path, [{"text": TEXTS}])
    model = transformers.BertModel.from_pretrained(tiny_model("bert")).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(tiny_model("bert"))
    rows = {(r["document"], r["layer"], r["head"]): r for r in report.effects.to_pylist()}
    for number, text in enumerate(TEXTS):
        inputs = tokenizer(text, return_tensors="pt")
        with torch.no_grad():
            before = model(**inputs).last_hidden_state[0].double()
            for layer in range(2):
                path = f"encoder.layer.{layer}.attention.output.dense"
                for head in range(4):
                    hook = silenced(model, path, head)
                    after = model(**inputs).last_hidden_state[0].double()
                    hook.remove()
                    turned = 1 - torch.cosine_similarity(before, after, dim=-1)
                    row = rows[number, layer, head]
                    assert row["hidden"] == pytest.approx(float(turned.mean()), abs=1e-5)
                    assert row["tokens"] == len(before)


@pytest.fixture(scope="module")
def induction(tmp_path_factory):
    """The circuit wired by hand, on random phrases said twice."""
    where = tmp_path_factory.mktemp("induction")
    make_induction.save(where / "model")
    phrases = make_induction.texts()["shuffled.txt"][:4]
    texts = [" ".join([*dict.fromkeys(phrase.split())] * 8) for phrase in phrases]
    return report_of(where / "model", where, [{"text": texts}], probes=True)


def test_the_induction_head_and_the_head_it_reads_matter_and_no_other_does(induction):
    heads = {(row["layer"], row["head"]): row for row in induction.heads.to_pylist()}
    loss = {place: row["effect_loss"] for place, row in heads.items()}
    control = {place: row["effect_loss_control"] for place, row in heads.items()}
    others = [value for place, value in loss.items() if place not in ((1, 1), (0, 2))]
    assert loss[1, 1] > 1  # nats per token
    assert loss[1, 1] > 1000 * max(map(abs, others))
    assert abs(control[1, 1]) < loss[1, 1] / 10
    # Without the head for previous tokens the induction head finds nothing, and rests elsewhere.
    assert loss[0, 2] > loss[1, 1]


def test_statistics_are_means_over_the_tokens_of_documents(induction):
    table = induction.effects.to_pylist()
    for row in induction.heads.to_pylist():
        mine = [r for r in table if (r["layer"], r["head"]) == (row["layer"], row["head"])]
        tokens = np.array([r["tokens"] for r in mine])
        for name in ("loss", "loss_control", "kl", "kl_control"):
            values = np.array([r[name] for r in mine])
            mean = (values * tokens).sum() / tokens.sum()
            assert row[f"effect_{name}"] == pytest.approx(mean, abs=1e-5)
            assert induction.effect(row["layer"], row["head"])[name] == pytest.approx(mean)


def test_effects_are_not_there_unless_asked_for(tiny_report):
    report = attnviz.open_report(tiny_report("gpt2"))
    assert report.effects.num_rows == 0
    with pytest.raises(InputError, match="effects: true"):
        report.effect(0, 0)
