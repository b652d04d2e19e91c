"""How truly distance tells attention in the full spaces of a layer's heads, as a step of the
build."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz import geometry
from attnviz.engine.step import step
from attnviz.engine.threads import one_thread
from attnviz.format.manifest import SpaceFigures
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.making import LayerPoints
from attnviz.maps.quality import MEASURED_PAIRS, Truth, measure
from attnviz.score import Array

SPACES: Final = ("translated-cosine", "translated-euclidean", "lifted")
SPACE_PAIRS: Final = MEASURED_PAIRS // 16
"""Pairs of a query and a key that a head's spaces are measured on: all their channels take longer
than the two or three of a map."""

_SCALE_POINTS: Final = 512


@step("spaces")
def measure_spaces(job: LayerJob) -> list[dict[str, SpaceFigures]]:
    """How truly distance tells attention in each full space, head by head; [] if there are no
    queries and keys.

    The Euclidean space takes the scale c that correlates best on at most 512 queries and keys.
    """
    with one_thread():
        points = job.points()
        if points.q is None or points.k is None or min(points.sizes) == 0:
            return []
        vectors, scales = _spaces(points, job.seed)
        positions = {
            name: (np.stack([x for x, _ in heads]), np.stack([y for _, y in heads]))
            for name, heads in vectors.items()
        }
        measured = measure(positions, job.rows(), job.seed, SPACE_PAIRS)
        truths = {name: measured.truths(name) for name in SPACES}
        return [
            {
                name: _figures(
                    truths[name][head], scales[head] if name == "translated-euclidean" else None
                )
                for name in SPACES
            }
            for head in range(points.heads)
        ]


def _figures(truth: Truth, scale: float | None) -> SpaceFigures:
    return SpaceFigures(
        top3_mass=truth.top3_mass.value,
        top3_mass_standard_error=truth.top3_mass.error,
        rank=truth.rank.value,
        rank_standard_error=truth.rank.error,
        scale=scale,
        rows=truth.rows,
        sampled=truth.sampled,
    )


def _spaces(
    points: LayerPoints, seed: int
) -> tuple[dict[str, list[tuple[Array, Array]]], list[float]]:
    """The vectors of queries and keys in each space, head by head, and each head's scale c."""
    assert points.q is not None
    assert points.k is not None
    rng = np.random.default_rng(seed)
    sample = [rng.choice(size, min(size, _SCALE_POINTS), replace=False) for size in points.sizes]
    vectors: dict[str, list[tuple[Array, Array]]] = {name: [] for name in SPACES}
    scales = []
    for head, q in enumerate(points.q):
        k = points.k[head // (points.heads // len(points.k))]
        scale = geometry.best_scale(q[sample[0]], geometry.translate_keys(q, k)[sample[1]])[0]
        scales.append(scale)
        for space in (
            geometry.translated_space(q, k),
            geometry.translated_space(q, k, "euclidean", scale),
            geometry.lifted_space(q, k),
        ):
            vectors[space.name].append(space.vectors())
    return vectors, scales
