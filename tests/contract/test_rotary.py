"""`maps.rotary: before`: maps of pre-rotary queries and keys, and what the report says of them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import transformers
from sklearn.decomposition import PCA

import attnviz
from attnviz.capture.rotary import pre_rotary
from attnviz.errors import InputError
from tests.fixtures.reports import build, tiny_corpus

BEFORE = {"methods": ["attention", "pca"], "rotary": "before"}


@pytest.fixture(scope="module")
def report(
    tiny_model: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> attnviz.Report:
    """Llama's report, with maps from before rotary embedding."""
    folder = tmp_path_factory.mktemp("pre-rotary")
    build(tiny_corpus("llama", tiny_model("llama"), maps=BEFORE), folder)
    return attnviz.open_report(folder)


@pytest.mark.parametrize(("layer", "head"), [(0, 1), (1, 2)])
def test_pca_is_of_the_projections_themselves(
    report: attnviz.Report, tiny_model: Callable[[str], Path], layer: int, head: int
) -> None:
    folder = tiny_model("llama")
    model = transformers.AutoModel.from_pretrained(folder).eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    vectors: dict[str, list[np.ndarray]] = {"q": [], "k": []}
    attention = model.layers[layer].self_attn
    attention.q_proj.register_forward_hook(
        lambda m, a, out: vectors["q"].append(out[0].unflatten(-1, (4, 8))[:, head].numpy())
    )
    attention.k_proj.register_forward_hook(
        lambda m, a, out: vectors["k"].append(out[0].unflatten(-1, (2, 8))[:, head // 2].numpy())
    )
    with torch.inference_mode():
        for document in report.documents:
            model(**tokenizer(document.text, return_tensors="pt"))
    q, k = (np.concatenate(vectors[side]).astype(np.float64) for side in "qk")
    pca = PCA(2, svd_solver="full")
    expected = pca.fit_transform(np.concatenate([q, k - k.mean(0) + q.mean(0)]))
    points = np.concatenate(report.map(layer, head, "pca"))
    signs = np.sign((points * expected).sum(0))
    assert np.abs(points * signs - expected).max() < 1e-3 * np.ptp(expected)


def test_attention_is_the_same_and_the_report_says_what_its_spaces_leave_out(
    report: attnviz.Report, tiny_report: Callable[[str], Path]
) -> None:
    plain = attnviz.open_report(tiny_report("llama"))
    model = report.manifest.models[0]
    assert [kind.title for kind in model.maps] == ["Attention map, 2-D", "PCA, 2-D, before rotary"]
    for ours, theirs in zip(model.heads, plain.manifest.models[0].heads, strict=True):
        assert any("rotary embedding" in limit for limit in ours.limits)
        assert theirs.limits == []
        assert ours.spaces["lifted"].rank > theirs.spaces["lifted"].rank + 0.01
        assert ours.certificate == theirs.certificate
    assert np.array_equal(report.attention(1, 2, 3), plain.attention(1, 2, 3))


@pytest.mark.parametrize("family", ["gpt2", "bloom", "deberta"])
def test_a_model_without_rotary_embedding_is_refused(
    tiny_model: Callable[[str], Path], tmp_path: Path, family: str
) -> None:
    with pytest.raises(InputError, match=r"maps\.rotary: model \w+: .* turns no queries and keys"):
        build(tiny_corpus(family, tiny_model(family), maps=BEFORE), tmp_path)


def test_the_watched_function_is_put_back(tiny_model: Callable[[str], Path]) -> None:
    from transformers.models.llama import modeling_llama

    rotate = modeling_llama.apply_rotary_pos_emb
    model = transformers.AutoModel.from_pretrained(tiny_model("llama"))
    with pre_rotary(model) as known:
        assert modeling_llama.apply_rotary_pos_emb is not rotate
        assert known(torch.ones(3)) is None
    assert modeling_llama.apply_rotary_pos_emb is rotate
