"""How far maps may be believed, measured at positions as readers find them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz import geometry
from attnviz.maps.attended_rows import DocumentRows
from attnviz.score import Array

Positions = tuple[Array, Array]
"""Queries and keys of several heads, (heads, points, dimensions) each."""

MEASURED_PAIRS: Final = 1 << 22
"""Pairs of a query and a key that are measured in a head; of a larger corpus a seeded sample of
blocks of rows."""

NEIGHBOURS: Final = 15
TRUSTED_POINTS: Final = 1024
_BLOCK: Final = 1 << 20
_SAMPLED_ROWS: Final = 64


@dataclass(frozen=True)
class Truth:
    """How truly distance tells one head's attention, over `rows` rows; None where no row says
    anything."""

    top3_mass: float | None
    rank: float | None
    rows: int


class Measurement:
    """Collects rows over documents: `add` each, then `truths`. `positions` are maps or spaces, by
    name.

    `share` of the rows is measured, in blocks at equal steps from a seeded start.
    """

    def __init__(
        self, positions: Mapping[str, Positions], share: float = 1.0, seed: int = 0
    ) -> None:
        self.positions = positions
        self._share = share
        self._due = float(np.random.default_rng(seed).random())
        self._sums = {
            name: np.zeros((4, len(x))) for name, (x, _) in positions.items()
        }  # masses, rows, ranks, rows

    def add(self, document: DocumentRows) -> None:
        """Take in a document's rows, as far as its tokens are on the map."""
        keys = np.flatnonzero(document.keys >= 0)
        if len(keys) <= geometry.NEAREST or not self.positions:
            return
        heads = len(next(iter(self.positions.values()))[0])
        step = max(1, _BLOCK // (heads * len(document.keys)))
        for start in range(
            0, len(document.queries), step if self._share >= 1 else min(step, _SAMPLED_ROWS)
        ):
            self._due += self._share
            if self._share >= 1 or self._due >= 1:
                self._due -= 1
                self._add_rows(document, slice(start, start + step), keys)

    def _add_rows(self, document: DocumentRows, rows: slice, keys: Array) -> None:
        shown = document.queries[rows] >= 0
        if not shown.any():
            return
        at, to = document.queries[rows][shown], document.keys[keys]
        allowed = document.allowed(rows)[shown][:, keys]
        attention = document.attention(rows)[:, shown][..., keys]
        of_score = geometry.score_ranks(document.score(rows)[:, shown][..., keys], allowed)
        for name, (x, y) in self.positions.items():
            distance = np.where(allowed, geometry.squared_distances(x[:, at], y[:, to]), np.inf)
            mass = geometry.top_mass(distance, attention)
            rank = geometry.rank_correlation(geometry.distance_ranks(distance), of_score, allowed)
            for place, values in ((0, mass), (2, rank)):
                self._sums[name][place] += np.nansum(values, -1)
                self._sums[name][place + 1] += np.isfinite(values).sum(-1)

    def truths(self, name: str) -> list[Truth]:
        """What was found of each head."""
        return [
            Truth(_mean(masses, rows), _mean(ranks, ranked), int(rows))
            for masses, rows, ranks, ranked in self._sums[name].T
        ]


def _mean(total: float, rows: float) -> float | None:
    return float(total / rows) if rows else None


def trustworthiness(
    space: Array, placed: Array, seed: int, neighbours: int = NEIGHBOURS
) -> float | None:
    """Whether near in the map is near in the space it was made from (Venna & Kaski 2001): 1 is
    perfect.

    space (points, size) and placed (points, dimensions), under Euclidean distance; over at most
    1,024 points, drawn by the seed, each among all others. None where there are too few points for
    so many neighbours.

        T = 1 − 2 / (n k (2N − 3k − 1)) · Σ_i Σ_{j near i in the map} max(0, rank of j from i in the
        space − k)
    """
    points, k = len(space), neighbours
    if 2 * points - 3 * k - 1 <= 0:
        return None
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(points, min(points, TRUSTED_POINTS), replace=False))
    near = _nearest(placed, rows, k)
    excess = 0.0
    for start in range(0, len(rows), 128):
        part = slice(start, start + 128)
        distance = geometry.squared_distances(space[rows[part]], space)
        distance[np.arange(len(distance)), rows[part]] = -1  # a point is its own first neighbour
        own = np.take_along_axis(distance, near[part], 1)
        distance.sort(axis=1)
        ranks = np.stack(
            [np.searchsorted(row, values) for row, values in zip(distance, own, strict=True)]
        )
        excess += float((ranks - k).clip(0).sum())
    return 1 - 2 * excess / (len(rows) * k * (2 * points - 3 * k - 1))


def _nearest(positions: Array, rows: Array, count: int) -> Array:
    """Indices of the `count` other points nearest to each of these points, (rows, count)."""
    from sklearn.neighbors import NearestNeighbors  # takes a second to import

    search = NearestNeighbors(n_neighbors=count + 1).fit(positions)
    near = search.kneighbors(positions[rows], return_distance=False)  # (row, count + 1)
    # A point is among its own neighbours, unless more points coincide with it than were asked for.
    other = near != rows[:, None]
    other[other.all(1), -1] = False
    neighbours: Array = near[other].reshape(len(rows), count)
    return neighbours
