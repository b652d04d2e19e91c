"""A layer's maps of the model before in a series, which those of the next one start from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attnviz.maps.earlier import positions_of
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.making import LayerPoints
from attnviz.maps.variants import Method
from attnviz.score import Array


@dataclass(frozen=True)
class FormerMaps:
    """A layer's maps of the model before, in `folder`, what they were made of, which heads attend
    to the last bit as they did, (heads,) bool, and how far their attention moved, (heads,) nats."""

    folder: Path
    job: LayerJob
    same: Array
    moved: Array

    def starts(self, sizes: Sequence[int]) -> dict[int, Array] | None:
        """Queries, then keys (heads, points, size) float64, by number of dimensions; None where
        there are no such maps."""
        sides = {size: positions_of(self.folder, size) for size in sizes}
        known = {size: np.concatenate(both, 1) for size, both in sides.items() if both is not None}
        return known if len(known) == len(sizes) else None

    def held(self, points: LayerPoints, method: Method) -> Array:
        """Which heads' maps stay as they are, (heads,) bool: those that are made of the same."""
        former = self.job.points()
        same = np.array(self.same) if method == "attention" else np.ones(points.heads, bool)
        for vectors, others in ((_both(points), _both(former)), (points.scored, former.scored)):
            if vectors is not None and others is not None:
                same &= _same_vectors(vectors, others)
        rules = [(of.scaling, of.softcap) for of in (points, former)]
        return same & (method != "attention" or rules[0] == rules[1])


def _both(points: LayerPoints) -> tuple[Array, Array] | None:
    return None if points.q is None or points.k is None else (points.q, points.k)


def _same_vectors(vectors: tuple[Array, Array], others: tuple[Array, Array]) -> Array:
    """Which heads have the same queries and keys, (heads,) bool."""
    if any(one.shape != other.shape for one, other in zip(vectors, others, strict=True)):
        return np.zeros(len(vectors[0]), bool)
    same = [(one == other).all((1, 2)) for one, other in zip(vectors, others, strict=True)]
    of_keys = np.repeat(same[1], len(same[0]) // len(same[1]))
    of_both: Array = same[0] & of_keys
    return of_both
