"""Models that bring code, pickles, or numbers that are none: refused in plain words, captured where
trusted."""

import builtins
import json
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

import attnviz
from tests.fixtures import remote
from tests.fixtures.command import write_corpus
from tests.fixtures.models import sentences

TEXTS = sentences(4, [20, 60, 1])


@pytest.fixture
def refused(attnviz_command, tmp_path, monkeypatch):
    """`refused(model, **entry)`: what is said of a model that a build refuses. Nothing is asked,
    nothing written."""

    def asked(*_):
        raise AssertionError("somebody was asked a question")

    monkeypatch.setattr(builtins, "input", asked)

    def run(model, texts=TEXTS, **entry):
        path = write_corpus(tmp_path / "corpus.yaml", model, *texts)
        content = json.loads(path.read_text())
        content["models"][0] |= entry
        path.write_text(json.dumps(content))
        code, out, err = attnviz_command(
            "build", path, "--out", tmp_path / "out", "--cache", tmp_path / "cache"
        )
        assert (code, out) == (2, "")
        assert "Traceback" not in err
        assert not (tmp_path / "out").exists()
        return err

    return run


# ---- code


@pytest.fixture(scope="session")
def own_model(shared):
    """A model with code of its own."""
    return shared("model-own", remote.save_remote)


@pytest.fixture
def own_modules(monkeypatch, tmp_path):
    """transformers copies a model's code before it runs it: not into the user's home here."""
    monkeypatch.setattr(
        "transformers.dynamic_module_utils.HF_MODULES_CACHE", str(tmp_path / "modules")
    )
    monkeypatch.syspath_prepend(tmp_path / "modules")


def test_code_of_a_model_is_not_run_and_nobody_is_asked(refused, own_model, own_modules):
    errors = refused(own_model)
    assert (
        "it brings code of its own; set trust_remote_code: true in the corpus if you trust its"
        " author" in errors
    )


def test_code_of_a_trusted_model_is_captured_by_the_tracer(own_model, own_modules, tmp_path):
    """Rows to which the mask leaves nothing are NaN, and so never shown: their softmax is of no
    meaning."""
    entry = {"source": str(own_model), "name": "own", "trust_remote_code": True}
    report = attnviz.build(
        {"models": [entry], "documents": [{"text": TEXTS}]}, tmp_path / "out", tmp_path / "cache"
    )
    model = report.manifest.models[0]
    assert [(c.line, c.vectors) for c in model.captures] == [("tracer", True)] * 2
    assert model.rules[0].mask.kind == "intervals"
    for number, document in enumerate(report.documents):
        truth = remote.own_attention(own_model, document.token_ids.tolist())
        for head in model.heads:
            a = report.attention(head.layer, head.head, number)
            assert np.isnan(a[0]).all()
            np.testing.assert_allclose(
                a[1:], truth[head.layer][head.head][1:], atol=head.certificate.max_error + 1e-6
            )
    for head in model.heads:
        assert head.certificate.rows == sum(len(document) - 1 for document in report.documents)
        assert all(value is None or np.isfinite(value) for value in head.statistics.values())


# ---- pickles


@pytest.fixture
def pickled(tiny_model, tmp_path):
    """A model whose weights are pickled, as older ones are."""
    folder = shutil.copytree(tiny_model("llama"), tmp_path / "pickled")
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    return folder


def test_pickled_weights_are_refused(refused, pickled):
    errors = refused(pickled)
    assert "pickled weights only (pytorch_model.bin)" in errors
    assert "allow_pickle: true" in errors


def test_pickled_weights_are_opened_when_allowed(pickled, tiny_model, tmp_path):
    built = [
        attnviz.build(
            {
                "models": [{"source": str(model), "name": "m", "allow_pickle": allowed}],
                "documents": [{"text": TEXTS}],
            },
            tmp_path / f"out-{allowed}",
            tmp_path / "cache",
        )
        for model, allowed in ((pickled, True), (tiny_model("llama"), False))
    ]
    assert np.array_equal(*(report.attention(1, 3, 1) for report in built))


def test_safetensors_come_before_pickles(tiny_model, tmp_path):
    folder = shutil.copytree(tiny_model("llama"), tmp_path / "both")
    (folder / "pytorch_model.bin").write_bytes(b"not opened")
    corpus = {
        "models": [{"source": str(folder), "allow_pickle": True}],
        "documents": [{"text": TEXTS[:1]}],
    }
    assert len(attnviz.build(corpus, tmp_path / "out", tmp_path / "cache").heads) == 8


# ---- numbers that are none


def spoilt(model, folder, name, row, value=float("nan")):
    """A copy of a model with some weights set to a value."""
    shutil.copytree(model, folder)
    weights = load_file(folder / "model.safetensors")
    weights[name][row] = value
    save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def test_a_head_that_is_not_a_number_is_named(refused, tiny_model, tmp_path):
    model = spoilt(
        tiny_model("bert"), tmp_path / "nan", "encoder.layer.1.attention.self.query.weight", 17
    )
    errors = refused(model)
    assert "numbers that are not finite in L1H2 (encoder.layer.1.attention.self)" in errors
    assert "the weights are damaged, or float32 overflows" in errors


def test_a_kv_head_that_is_not_a_number_is_named_by_its_first_head(refused, tiny_model, tmp_path):
    model = spoilt(tiny_model("llama"), tmp_path / "nan", "layers.0.self_attn.k_proj.weight", 8)
    assert "numbers that are not finite in L0H2 (layers.0.self_attn)" in refused(model)


def test_a_document_that_makes_numbers_overflow_is_named(refused, tiny_model, tmp_path):
    """The word “bell” is the vocabulary's last, and only the third text has it."""
    model = spoilt(tiny_model("llama"), tmp_path / "nan", "embed_tokens.weight", -1)
    texts = [
        " ".join(word for word in text.split() if word != "bell") for text in (TEXTS[1], TEXTS[0])
    ]
    errors = refused(model, [*texts, "the bell sang"])
    assert "document 2 gives numbers that are not finite in L0H0 (layers.0.self_attn)" in errors


def test_attention_kept_as_it_is_that_is_not_a_number_is_named(refused, tiny_model, tmp_path):
    model = spoilt(
        tiny_model("deberta"),
        tmp_path / "nan",
        "encoder.layer.0.attention.self.query_proj.weight",
        9,
    )
    assert "numbers that are not finite in L0H1" in refused(model)
