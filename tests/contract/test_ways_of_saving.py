"""The ways in which people save a model, of tests/fixtures/checkpoints.py: each is the user's own
forward pass, or refused with the mend."""

import re
import shutil

import pytest
import torch
import transformers

import attnviz
from attnviz.config import parse_config
from attnviz.models.loading import load_model
from attnviz.probe import probe
from tests.fixtures.checkpoints import PAGE, WAYS, page
from tests.fixtures.models import save_model

NAMES = [f"{way.title}{f' with {dict(way.options)}' if way.options else ''}" for way in WAYS]


@pytest.fixture(scope="module")
def originals(tmp_path_factory):
    """Tiny models as `save_pretrained` writes them, by family."""
    root = tmp_path_factory.mktemp("originals")
    families = {way.family for way in WAYS}
    return {family: save_model(family, root / family) for family in families}


def spec_of(folder, options):
    entry = {"name": "tiny", "source": str(folder)}
    for key, value in options.items():
        entry[key] = value.format(folder=folder) if isinstance(value, str) else value
    corpus = {"models": [entry], "documents": [{"text": ["A"]}]}
    return parse_config(corpus, folder.parent, "ways").models[0]


def attentions(model, family):
    """What a model gives of its attention, by its eager code."""
    model.set_attn_implementation("eager")
    ids = torch.arange(4, 24)[None]
    inputs = {"input_ids": ids} | ({"decoder_input_ids": ids[:, 5:12]} if family == "t5" else {})
    with torch.inference_mode():
        output = model(**inputs, output_attentions=True, use_cache=False)
    if family == "t5":
        return [*output.encoder_attentions, *output.decoder_attentions, *output.cross_attentions]
    return list(output.attentions)


@pytest.mark.parametrize("way", WAYS, ids=NAMES)
def test_it_is_the_users_own_forward_pass_or_refused(way, originals, tmp_path):
    folder = shutil.copytree(originals[way.family], tmp_path / "model")
    way.save(folder)
    if way.words is not None:
        with pytest.raises(attnviz.InputError, match=re.escape(way.words)):
            probe(spec_of(folder, way.options))
        return
    assert probe(spec_of(folder, way.options)).complete
    truth = originals[way.family] if way.truth is None else tmp_path / way.truth
    expected = transformers.AutoModel.from_pretrained(truth, dtype=torch.float32).eval()
    pairs = zip(
        attentions(load_model(spec_of(folder, way.options)).model, way.family),
        attentions(expected, way.family), strict=True,
    )  # fmt: skip
    for ours, theirs in pairs:
        assert (ours - theirs).abs().max() < 1e-5


def test_report_and_certificates_say_what_is_quantised(originals, tmp_path):
    folder = shutil.copytree(originals["llama"], tmp_path / "model")
    next(way for way in WAYS if way.title == "quantised, FP8").save(folder)
    corpus = {
        "models": [{"name": "tiny", "source": str(folder)}],
        "documents": [{"text": ["the cat sat on a mat"]}],
        "maps": {"methods": ["pca"]},
    }
    report = attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")
    (model,) = report.manifest.models
    assert model.quantization == "fp8"
    assert {head.certificate.quantization for head in model.heads} == {"fp8"}
    html = (tmp_path / "report/heads/tiny/L0H0.html").read_text("utf-8")
    assert "The model’s own weights are quantised (fp8)" in html
    for option, dtype in (("auto", "float32"), ("float32", "float32"), ("bfloat16", "bfloat16")):
        loaded = load_model(spec_of(folder, {"dtype": option}))
        (remark,) = loaded.remarks
        assert (
            remark == f"tiny is quantised by fp8; its weights were unpacked, and it ran in {dtype}"
        )
        assert {f"torch.{dtype}"} == {str(weight.dtype) for weight in loaded.model.parameters()}


def test_there_are_twenty_and_more():
    assert len({way.title for way in WAYS}) >= 20


def test_the_documentation_has_the_same_table():
    assert PAGE.read_text("utf-8") == page(), "run python -m tests.fixtures.checkpoints"
