"""The full spaces of a layer's heads, in which queries and keys lie together with all their
channels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz import geometry
from attnviz.geometry import Lift, Translation
from attnviz.maps.quality import MEASURED_PAIRS
from attnviz.score import Array

SPACES: Final = ("translated-cosine", "translated-euclidean", "lifted")
SPACE_PAIRS: Final = MEASURED_PAIRS // 32
"""Pairs of a query and a key that a head's spaces are measured on: all their channels take longer
than the two or three of a map."""

SPACE_PAIRS_BEFORE: Final = 2 * SPACE_PAIRS
"""On how many they were once measured."""

_SCALE_POINTS: Final = 384


@dataclass(frozen=True)
class FullSpace:
    """One space of all heads of a layer. Where points lie in it is computed as it is asked for:
    three spaces of many points would take more memory than all else that is made of a layer.

    queries (heads, points, d) and keys (kv heads, points, d) are as they are scored.
    """

    queries: Array
    keys: Array
    placement: Translation | Lift

    @property
    def heads(self) -> int:
        """How many heads it is of."""
        return len(self.queries)

    def queries_at(self, queries: Array) -> Array:
        """Where these queries lie, (heads, so many, size); nearness is by Euclidean distance."""
        return self._placed(self.placement.queries(self.queries[:, queries]))

    def keys_at(self, keys: Array) -> Array:
        """The same of these keys."""
        of_heads = np.arange(self.heads) // (self.heads // len(self.keys))
        return self._placed(self.placement.keys(self.keys[:, keys][of_heads]))

    def _placed(self, vectors: Array) -> Array:
        return vectors if self.placement.metric == "euclidean" else geometry.unit(vectors)


def full_spaces(q: Array, k: Array, seed: int) -> tuple[dict[str, FullSpace], list[float]]:
    """Each space by its name, and each head's scale c, from queries (heads, points, d) and keys
    (kv heads, points, d)."""
    from attnviz.maps.scales import best_scale  # numba takes long to import

    rng = np.random.default_rng(seed)
    sizes = q.shape[1], k.shape[1]
    sample = [rng.choice(size, min(size, _SCALE_POINTS), replace=False) for size in sizes]
    plain, scaled, lifts, scales = [], [], [], []
    for head, queries in enumerate(q):
        keys = k[head // (len(q) // len(k))]
        moved = Translation.of(queries, keys)
        scale = best_scale(queries[sample[0]], moved.keys(keys[sample[1]]))
        scales.append(scale)
        plain.append(moved)
        scaled.append(Translation.of(queries, keys, "euclidean", scale))
        lifts.append(Lift.of(queries, keys))
    placements: tuple[Translation | Lift, ...] = (
        _translation(plain),
        _translation(scaled),
        _lift(lifts),
    )
    spaces = {
        name: FullSpace(q, k, placed) for name, placed in zip(SPACES, placements, strict=True)
    }
    return spaces, scales


def _translation(of_heads: Sequence[Translation]) -> Translation:
    """The placements of all heads as one."""
    return Translation(
        metric=of_heads[0].metric,
        centre=np.stack([each.centre for each in of_heads])[:, None],
        onto=np.stack([each.onto for each in of_heads])[:, None],
        scale=np.stack([each.scale for each in of_heads])[:, None, None],
    )


def _lift(of_heads: Sequence[Lift]) -> Lift:
    """The placements of all heads as one."""
    return Lift(
        centre=np.stack([each.centre for each in of_heads])[:, None],
        scale=np.stack([each.scale for each in of_heads])[:, None, None],
        farthest=np.stack([each.farthest for each in of_heads])[:, None, None],
    )
