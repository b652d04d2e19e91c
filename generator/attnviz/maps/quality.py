"""How far maps may be believed, measured at positions as readers find them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz import geometry
from attnviz.maps.document_rows import DocumentRows
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
        # A block is measured each time that the shares of the blocks so far pass a whole number.
        self._due = float(np.random.default_rng(seed).random())
        self._masses = {name: _HeadMeans.of(len(x)) for name, (x, _) in positions.items()}
        self._ranks = {name: _HeadMeans.of(len(x)) for name, (x, _) in positions.items()}

    def add(self, document: DocumentRows) -> None:
        """Take in a document's rows, as far as its tokens are on the map."""
        keys = np.flatnonzero(document.keys >= 0)
        if len(keys) <= geometry.NEAREST or not self.positions:
            return
        heads = len(next(iter(self.positions.values()))[0])
        size = max(1, _BLOCK // (heads * len(document.keys)))
        step = size if self._share >= 1 else min(size, _SAMPLED_ROWS)
        for start in range(0, len(document.queries), step):
            self._due += self._share
            if self._share >= 1 or self._due >= 1:
                self._due -= 1
                self._add_rows(document, slice(start, start + size), keys)

    def _add_rows(self, document: DocumentRows, rows: slice, keys: Array) -> None:
        """Measure the rows whose query is on the map, over these keys of the document."""
        on_map = document.queries[rows] >= 0
        if not on_map.any():
            return
        queries_at, keys_at = document.queries[rows][on_map], document.keys[keys]
        allowed = document.allowed(rows)[on_map][:, keys]  # (row, key)
        attention = document.attention(rows)[:, on_map][..., keys]  # (head, row, key)
        scores = document.score(rows)[:, on_map][..., keys]
        by_score = geometry.score_ranks(scores, allowed)
        for name, (x, y) in self.positions.items():
            squared = geometry.squared_distances(x[:, queries_at], y[:, keys_at])
            distances = np.where(allowed, squared, np.inf)  # (head, row, key)
            by_distance = geometry.distance_ranks(distances)
            self._masses[name].add(geometry.top_mass(distances, attention))
            self._ranks[name].add(geometry.rank_correlation(by_distance, by_score, allowed))

    def truths(self, name: str) -> list[Truth]:
        """The measures of each head, over the rows so far."""
        masses, ranks = self._masses[name], self._ranks[name]
        return [
            Truth(mass, rank, int(rows))
            for mass, rank, rows in zip(masses.values(), ranks.values(), masses.rows, strict=True)
        ]


@dataclass
class _HeadMeans:
    """A mean over rows for each head; rows that say nothing, which are NaN, do not count."""

    totals: Array
    rows: Array

    @classmethod
    def of(cls, heads: int) -> _HeadMeans:
        return cls(np.zeros(heads), np.zeros(heads))

    def add(self, values: Array) -> None:
        """Take in values (heads, rows)."""
        self.totals += np.nansum(values, -1)
        self.rows += np.isfinite(values).sum(-1)

    def values(self) -> list[float | None]:
        """One per head, None where no row says anything."""
        return [
            float(total / rows) if rows else None
            for total, rows in zip(self.totals, self.rows, strict=True)
        ]


def trustworthiness(
    space: Array, positions: Array, seed: int, neighbours: int = NEIGHBOURS
) -> float | None:
    """Whether near in the map is near in the space it was made from (Venna & Kaski 2001): 1 is
    perfect.

    space (points, size) and positions (points, dimensions), under Euclidean distance; over at most
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
    near = _nearest(positions, rows, k)
    excess = 0.0
    for start in range(0, len(rows), 128):
        part = slice(start, start + 128)
        distances = geometry.squared_distances(space[rows[part]], space)  # (row, point)
        distances[np.arange(len(distances)), rows[part]] = -1  # a point is its own first neighbour
        of_near = np.take_along_axis(distances, near[part], 1)  # (row, neighbour)
        # A neighbour's rank in the space is where its distance stands among all, in order.
        distances.sort(axis=1)
        by_row = zip(distances, of_near, strict=True)
        ranks = np.stack([np.searchsorted(row, values) for row, values in by_row])
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
