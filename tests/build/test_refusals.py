"""Models that cannot be shown truly are refused with the names of their modules: exit code 2,
nothing written.

Here it is the model whose own attention is bent, by one thing each, so that what was captured is
not what it computes.
"""

import importlib

import pytest

from tests.fixtures.command import write_corpus
from tests.fixtures.models import sentences


@pytest.fixture
def refusal(attnviz_command, tiny_model, tmp_path):
    """`refusal(family)`: what is said of a model that must be refused."""

    def run(family):
        path = write_corpus(tmp_path / "corpus.yaml", tiny_model(family), *sentences(6, [20, 40]))
        code, out, err = attnviz_command(
            "build", path, "--out", tmp_path / "out", "--cache", tmp_path / "cache"
        )
        assert (code, out) == (2, "")
        assert "Traceback" not in err
        assert not (tmp_path / "out").exists()
        assert not list((tmp_path / "cache").glob("capture/*"))
        return err

    return run


def test_attention_that_is_not_over_tokens(refusal):
    said = refusal("reformer")
    assert "model tiny: ReformerModel cannot be captured, so nothing of it is shown" in said
    assert "encoder.layers.0.attention.self_attention: " in said
    assert "encoder.layers.1.attention.self_attention: " in said


def test_no_attention(refusal):
    assert (
        "MambaModel cannot be captured, so nothing of it is shown:\n  it has no attention"
        in refusal("mamba")
    )


def scaled(given):
    given["scaling"] = given["scaling"] * 1.01


def uncapped(given):
    given["softcap"] = None


def shifted(given):
    given["attention_mask"] = given["attention_mask"].roll(1, -1)


BENT = [
    ("llama", scaled),
    ("bert", scaled),
    ("gemma2", uncapped),
    ("mistral", shifted),
    ("gpt2", shifted),
]


@pytest.mark.parametrize(("family", "bend"), BENT)
def test_attention_that_is_not_what_was_captured(refusal, monkeypatch, family, bend):
    modelling = importlib.import_module(f"transformers.models.{family}.modeling_{family}")
    eager = modelling.eager_attention_forward

    def bent(module, query, key, value, attention_mask, **options):
        given = {"attention_mask": attention_mask, "scaling": query.shape[-1] ** -0.5} | options
        bend(given)
        return eager(module, query, key, value, **given)

    monkeypatch.setattr(modelling, "eager_attention_forward", bent)
    said = refusal(family)
    assert "model tiny: the self-check failed, so nothing of" in said
    name = {"bert": "encoder.layer.1.attention", "gpt2": "h.1.attn"}.get(
        family, "layers.1.self_attn"
    )
    assert f"{name}" in said
    assert "recomputed attention differs from" in said
