"""The full spaces of a layer's heads, in which queries and keys lie together with all their
channels."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz import geometry
from attnviz.maps.quality import MEASURED_PAIRS
from attnviz.score import Array

SPACES: Final = ("translated-cosine", "translated-euclidean", "lifted")
SPACE_PAIRS: Final = MEASURED_PAIRS // 32
"""Pairs of a query and a key that a head's spaces are measured on: all their channels take longer
than the two or three of a map."""

SPACE_PAIRS_BEFORE: Final = 2 * SPACE_PAIRS
"""On how many they were once measured."""

_SCALE_POINTS: Final = 384


def full_spaces(
    queries: Array, keys: Array, seed: int
) -> tuple[dict[str, list[tuple[Array, Array]]], list[float]]:
    """The vectors of queries and keys in each space, head by head, and each head's scale c, from
    queries (heads, points, d) and keys (kv heads, points, d)."""
    from attnviz.maps.scales import best_scale  # numba takes long to import

    rng = np.random.default_rng(seed)
    sizes = queries.shape[1], keys.shape[1]
    sample = [rng.choice(size, min(size, _SCALE_POINTS), replace=False) for size in sizes]
    vectors: dict[str, list[tuple[Array, Array]]] = {name: [] for name in SPACES}
    scales = []
    for head, q in enumerate(queries):
        k = keys[head // (len(queries) // len(keys))]
        scale = best_scale(q[sample[0]], geometry.translate_keys(q, k)[sample[1]])
        scales.append(scale)
        for space in (
            geometry.translated_space(q, k),
            geometry.translated_space(q, k, "euclidean", scale),
            geometry.lifted_space(q, k),
        ):
            vectors[space.name].append(space.vectors())
    return vectors, scales
