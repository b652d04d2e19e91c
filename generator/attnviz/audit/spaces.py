"""Full spaces measured again, and what maps keep of the space that they are made from, where all
queries and keys on the map are stored."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz import geometry
from attnviz.audit.findings import Findings
from attnviz.audit.maps import LayerMaps, compare_truth, of_errors
from attnviz.audit.stored_layer import StoredLayer
from attnviz.format.manifest import MapFigures, MapKind
from attnviz.maps.full_spaces import SPACE_PAIRS, SPACE_PAIRS_BEFORE, SPACES, full_spaces
from attnviz.maps.pca import pca
from attnviz.maps.quality import TRUSTED_BEFORE, TRUSTED_POINTS, measure, trustworthiness
from attnviz.maps.row_sample import draw_rows
from attnviz.score import Array

_NEAR: Final = 0.03
"""What top-3 mass, rank, trustworthiness and explained variance may be off by the codes of queries
and keys: near points change places."""

_SCALE: Final = 0.01
"""What two scales may differ in correlation and yet change places."""

_ATTENTION: Final = (
    "spaces, trustworthiness and variance kept, where a document is stored as attention"
)
_UNNAMED: Final = "trustworthiness and variance kept, where the report names no space"
_BEFORE: Final = "trustworthiness and variance kept of spaces before rotary embedding"


@dataclass(frozen=True)
class _Vectors:
    """Queries (heads, points, d) and keys (kv heads, points, d) at the map's points, float64."""

    q: Array
    k: Array

    def of(self, head: int) -> tuple[Array, Array]:
        """A head's queries and the keys that it reads, (points, d) each."""
        return self.q[head], self.k[head // (len(self.q) // len(self.k))]


def compare_spaces(layer: StoredLayer, maps: LayerMaps, findings: Findings) -> None:
    """Hold the figures of a layer's spaces, and those of its maps that are about a space, against
    stored queries and keys."""
    stated = sum(_space_figures(head.maps.values()) + 4 * len(head.spaces) for head in layer.heads)
    if not stated:
        return
    vectors = _vectors(maps)
    if vectors is None:
        findings.skip(_ATTENTION, stated)
        return
    if all(head.spaces for head in layer.heads):
        before = any("-before-rotary" in (kind.space or "") for kind in layer.model.maps)
        if before:
            findings.skip(_BEFORE, 4 * sum(len(head.spaces) for head in layer.heads))
        else:
            _compare_spaces(layer, maps, vectors, findings)
    for kind in layer.model.maps:
        _compare_map(layer, maps, kind, vectors, findings)


def _space_figures(maps: Iterable[MapFigures]) -> int:
    """How many figures of maps are about a space."""
    values = ((each.trustworthiness, each.explained) for each in maps)
    return sum(value is not None for pair in values for value in pair)


def _vectors(maps: LayerMaps) -> _Vectors | None:
    """None where a document on the map is stored as attention."""
    q: Array | None = None
    k: Array | None = None
    for queries, keys, document in maps.documents():
        vectors = document.vectors
        if vectors is None:
            return None
        if q is None or k is None:
            shape = vectors[0].shape[-1]
            q = np.zeros((len(vectors[0]), maps.sizes[0], shape), np.float32)
            k = np.zeros((len(vectors[1]), maps.sizes[1], shape), np.float32)
        for into, of_tokens, place in zip((q, k), vectors, (queries, keys), strict=True):
            into[:, place[place >= 0]] = of_tokens[:, place >= 0]
    return None if q is None or k is None else _Vectors(q, k)


def _compare_spaces(
    layer: StoredLayer, maps: LayerMaps, vectors: _Vectors, findings: Findings
) -> None:
    spaces, scales = full_spaces(vectors.q, vectors.k, maps.seed)
    measured = measure(spaces, maps.rows(), maps.seed, _pairs(layer, maps))
    for name in SPACES:
        for number, (head, truth) in enumerate(
            zip(layer.heads, measured.truths(name), strict=True)
        ):
            place, figures = f"{layer.place(head)}, space {name}", head.spaces[name]
            # Where few keys stand in a row, two that change places count for much.
            slack = _NEAR + 0.3 / np.sqrt(max(truth.rows, 1))
            compare_truth(findings, place, figures, truth, (slack, slack))
            if figures.scale is not None:
                same = _as_good(vectors.of(number), figures.scale, scales[number])
                again = figures.scale if same else scales[number]
                findings.compare(place, "scale", stated=figures.scale, recomputed=again)


def _pairs(layer: StoredLayer, maps: LayerMaps) -> int:
    """On how many pairs a report's spaces were measured, as many as attnviz takes or once took: by
    the number of rows that it states."""
    documents = maps.rows()
    stated = max(space.rows or 0 for head in layer.heads for space in head.spaces.values())
    return min(
        (SPACE_PAIRS, SPACE_PAIRS_BEFORE),
        key=lambda pairs: abs(draw_rows(documents, pairs, maps.seed).drawn - stated),
    )


def _as_good(vectors: tuple[Array, Array], stated: float, best: float) -> bool:
    """Whether a scale correlates as well as the best one, but for what codes change."""
    q, k = (x[:512] for x in vectors)
    moved = geometry.translate_keys(q, k)
    of_stated, of_best = (geometry.scale_correlation(q, moved, c) for c in (stated, best))
    return of_stated <= of_best + _SCALE


def _compare_map(
    layer: StoredLayer, maps: LayerMaps, kind: MapKind, vectors: _Vectors, findings: Findings
) -> None:
    """Trustworthiness and the variance kept, of one kind of map."""
    for number, head in enumerate(layer.heads):
        figures = head.maps.get(kind.id)
        if figures is None or not (count := _space_figures([figures])):
            continue
        if kind.space not in ("translated", "lifted"):
            findings.skip(_BEFORE if kind.space else _UNNAMED, count)
            continue
        space = _space(kind, *vectors.of(number))
        place = f"{layer.place(head)}, map {kind.id}"
        if kind.method == "pca":
            points = np.concatenate([space.queries, space.keys])
            kept = pca(space, kind.dimensions)[2]
            findings.compare(
                place, "variance kept", stated=figures.explained, recomputed=kept, allowed=_NEAR
            )
        else:
            points = np.concatenate(space.vectors()).astype(np.float32)
        error = figures.trustworthiness_standard_error
        positions = np.concatenate(maps.positions(head, kind.id))
        # On as many points as attnviz took, or once took: what is nearer to what is stated.
        trusted = min(
            (trustworthiness(points, positions, maps.seed, most=most)
             for most in (TRUSTED_POINTS, TRUSTED_BEFORE)),
            key=lambda again: abs((again.error or 0.0) - (error or 0.0)),
        )  # fmt: skip
        again = trusted.error
        for name, stated, value, allowed in (
            ("trustworthiness", figures.trustworthiness, trusted.value, _NEAR),
            ("standard error of trustworthiness", error, again, of_errors(again)),
        ):
            findings.compare(place, name, stated=stated, recomputed=value, allowed=allowed)


def _space(kind: MapKind, q: Array, k: Array) -> geometry.Space:
    if kind.space == "lifted":
        return geometry.lifted_space(q, k)
    return geometry.translated_space(q, k, "euclidean" if kind.method == "pca" else "cosine")
