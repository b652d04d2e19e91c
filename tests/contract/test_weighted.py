"""A report has the lengths of the model's own values, and gives attention weighted by them."""

from pathlib import Path

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.errors import InputError, ReportError
from attnviz.reader.check import check
from tests.fixtures.models import sentences
from tests.fixtures.reports import build

FROZEN = Path(__file__).parents[1] / "fixtures" / "frozen" / "format-1"
TEXTS = sentences(4, (9, 60, 14))
MAPS = {"methods": ["pca"], "dimensions": [2]}
FAMILIES = {"bert": ("encoder.layer.{}.attention.self.value", 4),
            "llama": ("layers.{}.self_attn.v_proj", 2)}  # fmt: skip


@pytest.fixture(scope="module", params=FAMILIES)
def weighted(request, tiny_model, tmp_path_factory):
    """A report, and for each of its texts the layers' eager attention (heads, T, T) and lengths of
    values (kv heads, T). Bert's texts are stored as attention or as vectors; Llama's heads share
    keys and values."""
    folder = tmp_path_factory.mktemp(request.param) / "report"
    source = tiny_model(request.param)
    build(
        {"models": [{"source": str(source)}], "documents": [{"text": TEXTS}], "maps": MAPS}, folder
    )
    model = transformers.AutoModel.from_pretrained(source, attn_implementation="eager").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(source)
    name, heads = FAMILIES[request.param]
    outputs, truth = {}, []
    for layer in range(2):
        model.get_submodule(name.format(layer)).register_forward_hook(
            lambda m, a, output, layer=layer: outputs.__setitem__(layer, output)
        )
    for text in TEXTS:
        with torch.inference_mode():
            rows = model(**tokenizer(text, return_tensors="pt"), output_attentions=True).attentions
        norms = [outputs[n][0].reshape(-1, heads, 8).norm(dim=-1).T for n in range(2)]
        truth.append([(a[0].numpy(), v.numpy()) for a, v in zip(rows, norms, strict=True)])
    return attnviz.open_report(folder), truth


def test_lengths_are_the_models_within_the_stated_error(weighted):
    report, truth = weighted
    model = report.manifest.models[0]
    for entry in model.heads:
        values = next(c.values for c in model.captures if c.layer == entry.layer)
        assert values is not None
        assert 0 < values.error < 0.01
        for document, layers in enumerate(truth):
            expected = layers[entry.layer][1][entry.kv_head]
            norms = report.value_norms(entry.layer, entry.head, document)
            assert norms == pytest.approx(expected, rel=values.error + 1e-5)


def test_weighted_rows_are_the_models_own(weighted):
    """They are as true as attention is, and lengths are: total variation of rows."""
    report, truth = weighted
    for entry in report.manifest.models[0].heads:
        for document, layers in enumerate(truth):
            a, norms = layers[entry.layer]
            brought = a[entry.head] * norms[entry.kv_head]
            expected = brought / brought.sum(1, keepdims=True)
            rows = report.attention(entry.layer, entry.head, document, weighted=True)
            assert rows.sum(1) == pytest.approx(1, abs=1e-6)
            assert np.abs(rows - expected).sum(1).mean() / 2 < 0.01


def test_means_and_rollout_are_of_weighted_rows(weighted):
    report, _ = weighted
    rows = [report.attention(0, head, 1, weighted=True) for head in range(4)]
    mean = report.mean_attention(1, layers=[0], weighted=True)
    np.testing.assert_allclose(mean, np.mean(rows, 0), atol=1e-6)
    followed = report.rollout(1, layer=0, weighted=True, residual=0.25)
    np.testing.assert_allclose(followed, 0.75 * mean + 0.25 * np.eye(len(mean)), atol=1e-6)


def test_the_report_is_whole(weighted):
    assert check(weighted[0].folder) == []


def test_a_report_without_lengths_says_so():
    old = attnviz.open_report(FROZEN)
    head = old.manifest.models[0].heads[0]
    place = head.layer, head.head, 0
    names = {"stack": head.stack, "model": old.manifest.models[0].name}
    with pytest.raises(InputError, match="no lengths of values"):
        old.value_norms(*place, **names)
    with pytest.raises(InputError, match="no lengths of values"):
        old.attention(*place, **names, weighted=True)


def test_a_shard_of_another_length_is_named(weighted):
    report, _ = weighted
    fresh = attnviz.open_report(report.folder)
    shard = next(s for s in fresh.manifest.shards.values() if s.kind == "values")
    object.__setattr__(shard, "documents", (0, 2))
    with pytest.raises(ReportError, match=r"data/values-.*cannot be decoded"):
        fresh.value_norms(shard.layer, 0, 0)
