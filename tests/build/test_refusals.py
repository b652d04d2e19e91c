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
    errors = refusal("reformer")
    assert "model tiny: ReformerModel cannot be captured, so nothing of it is shown" in errors
    assert "encoder.layers.0.attention.self_attention: " in errors
    assert "encoder.layers.1.attention.self_attention: " in errors


def test_no_attention(refusal):
    assert (
        "MambaModel cannot be captured, so nothing of it is shown:\n  it has no attention"
        in refusal("mamba")
    )


def scaled(arguments):
    arguments["scaling"] = arguments["scaling"] * 1.01


def uncapped(arguments):
    arguments["softcap"] = None


def shifted(arguments):
    arguments["attention_mask"] = arguments["attention_mask"].roll(1, -1)


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
        arguments = {"attention_mask": attention_mask, "scaling": query.shape[-1] ** -0.5} | options
        bend(arguments)
        return eager(module, query, key, value, **arguments)

    monkeypatch.setattr(modelling, "eager_attention_forward", bent)
    errors = refusal(family)
    assert "model tiny: the self-check failed, so nothing of" in errors
    name = {"bert": "encoder.layer.1.attention", "gpt2": "h.1.attn"}.get(
        family, "layers.1.self_attn"
    )
    assert f"{name}" in errors
    assert "recomputed attention differs from" in errors
