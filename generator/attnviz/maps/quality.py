"""How far maps may be believed, measured at positions as readers find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Protocol

import numpy as np
from scipy.spatial import KDTree

from attnviz import geometry
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.row_sample import draw_rows, runs
from attnviz.sampling import Estimate, RowSample, standard_error
from attnviz.score import Array


class Positions(Protocol):
    """Where queries and keys of several heads lie, on maps or in spaces."""

    @property
    def heads(self) -> int:
        """How many heads they are of."""

    def at(self, queries: Array, keys: Array) -> tuple[Array, Array]:
        """The positions of these queries and of these keys, (heads, so many, dimensions) each."""


@dataclass(frozen=True)
class MapPositions:
    """Queries and keys of several heads as readers find them on maps, (heads, points, dimensions)
    each."""

    queries: Array
    keys: Array

    @property
    def heads(self) -> int:
        """How many heads they are of."""
        return len(self.queries)

    def at(self, queries: Array, keys: Array) -> tuple[Array, Array]:
        """The positions of these queries and of these keys."""
        return self.queries[:, queries], self.keys[:, keys]


MEASURED_PAIRS: Final = 1 << 22
"""Pairs of a query and a key that are measured in a head; of a larger corpus a seeded sample of
rows."""

NEIGHBOURS: Final = 15
TRUSTED_BEFORE: Final = 1024
"""Points that trustworthiness was once measured on."""
TRUSTED_POINTS: Final = 512
_BLOCK: Final = 1 << 20


@dataclass(frozen=True)
class Truth:
    """How truly distance tells one head's attention, over `rows` rows; `sampled` says that these
    are of a sample."""

    top3_mass: Estimate
    rank: Estimate
    rows: int
    sampled: bool


class Measurement:
    """Collects a sample's rows over documents: `add` each, then `truths`. `positions` are maps or
    spaces, by name."""

    def __init__(self, positions: Mapping[str, Positions], sample: RowSample) -> None:
        self.positions = positions
        self._sample = sample
        self._sums: dict[str, dict[int, Array]] = {name: {} for name in positions}

    @property
    def sampled(self) -> bool:
        """Whether not all rows are measured."""
        return self._sample.share < 1

    def sums_of(self, name: str, document: int) -> Array:
        """Of the values of a document's rows, their sum, that of their squares and their number,
        for top-3 mass and for rank, (2, 3, heads); zeros for a document of no rows."""
        heads = self.positions[name].heads
        return self._sums[name].get(document, np.zeros((2, 3, heads)))

    def take(self, document: int, sums: Mapping[str, Array]) -> None:
        """Take what is known of a document, by map or space, instead of measuring it."""
        for name, of_name in sums.items():
            self._sums[name][document] = of_name

    def add(self, document: DocumentRows) -> None:
        """Take in a document's rows, as far as they are of the sample."""
        rows = self._sample.rows.get(document.document)
        if rows is None or not len(rows) or not self.positions:
            return
        keys = np.flatnonzero(document.keys >= 0)
        heads = next(iter(self.positions.values())).heads
        for run in runs(rows, max(1, _BLOCK // (heads * len(document.keys)))):
            self._add_rows(document, run, keys)

    def _add_rows(self, document: DocumentRows, rows: Array, keys: Array) -> None:
        """Measure rows that lie close together, over these keys of the document."""
        # Attention is asked for in blocks of consecutive rows, of which some are of the sample.
        block, at = slice(int(rows[0]), int(rows[-1]) + 1), rows - rows[0]
        queries_at, keys_at = document.queries[rows], document.keys[keys]
        from attnviz.maps.ranked_rows import in_order, truths  # numba takes long to import

        allowed = document.allowed(block)[at][:, keys]  # (row, key)
        attention = document.attention(block)[:, at][..., keys]  # (head, row, key)
        scores = document.score(block)[:, at][..., keys]
        by_score = in_order(-scores, allowed)
        for name, positions in self.positions.items():
            distances = geometry.squared_distances(*positions.at(queries_at, keys_at))
            values = truths(in_order(distances, allowed), by_score, attention, allowed)
            sums = self._sums[name].setdefault(document.document, np.zeros((2, 3, positions.heads)))
            # Rows that say nothing are NaN and do not count.
            sums[:, 0] += np.nansum(values, -1)  # (measure, head) of (measure, head, row)
            sums[:, 1] += np.nansum(values**2, -1)
            sums[:, 2] += np.isfinite(values).sum(-1)

    def truths(self, name: str) -> list[Truth]:
        """The measures of each head, over the rows so far."""
        total = np.zeros((2, 3, self.positions[name].heads))
        for sums in self._sums[name].values():
            total += sums
        masses, ranks = ([self._estimate(*of_head) for of_head in measure.T] for measure in total)
        return [
            Truth(mass, rank, int(rows), self.sampled)
            for mass, rank, rows in zip(masses, ranks, total[0, 2], strict=True)
        ]

    def _estimate(self, total: float, squares: float, rows: float) -> Estimate:
        """The mean over a sample that has its share of all rows."""
        if not rows:
            return Estimate(None)
        error = standard_error(total, squares, int(rows), self._sample.share)
        return Estimate(float(total / rows), error)


def measure(
    positions: Mapping[str, Positions],
    documents: Sequence[DocumentRows],
    seed: int,
    pairs: int = MEASURED_PAIRS,
    known: Mapping[int, Mapping[str, Array]] = MappingProxyType({}),
) -> Measurement:
    """Maps or spaces against the attention of these documents, or of a sample of their rows that
    is expected to have so many pairs of a query and a key. `known` are documents' sums by number,
    which are taken where all rows are measured."""
    measured = Measurement(positions, draw_rows(documents, pairs, seed))
    for document in documents:
        if document.document in known and not measured.sampled:
            measured.take(document.document, known[document.document])
        else:
            measured.add(document)
    return measured


def trustworthiness(
    space: Array,
    positions: Array,
    seed: int,
    neighbours: int = NEIGHBOURS,
    most: int = TRUSTED_POINTS,
) -> Estimate:
    """Whether near in the map is near in the space it was made from (Venna & Kaski 2001): 1 is
    perfect.

    space (points, size) and positions (points, dimensions), under Euclidean distance; over at most
    `most` points, drawn by the seed, each among all others. No value where there are too few points
    for so many neighbours.

        T = 1 − 2 / (n k (2N − 3k − 1)) · Σ_i Σ_{j near i in the map} max(0, rank of j from i in the
        space − k)
    """
    from attnviz.maps.fused import count_less  # numba takes half a second to import

    points, k = len(space), neighbours
    if 2 * points - 3 * k - 1 <= 0:
        return Estimate(None)
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(points, min(points, most), replace=False))
    near = _nearest(positions, rows, k)
    total, squares = 0.0, 0.0
    # ‖x − y‖² is ‖y‖² − 2 x·y but for what is the same along a row, so it is one product.
    # Ranks need no more digits than float32 has of vectors around their centre.
    centred = (space - space.mean(0)).astype(np.float32)
    queries = np.column_stack([-2 * centred, np.ones(points, np.float32)])
    keys = np.column_stack([centred, np.square(centred).sum(1)])
    for start in range(0, len(rows), 128):
        part = slice(start, start + 128)
        distances = queries[rows[part]] @ keys.T  # (row, point)
        distances[np.arange(len(distances)), rows[part]] = -np.inf  # a point is its own first
        of_near = np.take_along_axis(distances, near[part], 1)  # (row, neighbour)
        ranks = count_less(distances, of_near)
        excess = (ranks - k).clip(0).sum(1, dtype=np.float64)  # (row,)
        total, squares = total + excess.sum(), squares + (excess**2).sum()
    scale = 2 / (k * (2 * points - 3 * k - 1))
    error = standard_error(total, squares, len(rows), len(rows) / points)
    return Estimate(float(1 - scale * total / len(rows)), None if error is None else scale * error)


def _nearest(positions: Array, rows: Array, count: int) -> Array:
    """Indices of the `count` other points nearest to each of these points, (rows, count)."""
    _, near = KDTree(positions).query(positions[rows], count + 1)  # (row, count + 1)
    # A point is among its own neighbours, unless more points coincide with it than were asked for.
    other = near != rows[:, None]
    other[other.all(1), -1] = False
    neighbours: Array = near[other].reshape(len(rows), count)
    return neighbours
