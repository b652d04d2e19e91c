"""How far maps may be believed, measured at positions as readers find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
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

    def queries_at(self, queries: Array) -> Array:
        """The positions of these queries, (heads, so many, dimensions)."""

    def keys_at(self, keys: Array) -> Array:
        """The positions of these keys, (heads, so many, dimensions)."""


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

    def queries_at(self, queries: Array) -> Array:
        """The positions of these queries."""
        return self.queries[:, queries]

    def keys_at(self, keys: Array) -> Array:
        """The positions of these keys."""
        return self.keys[:, keys]


MEASURED_PAIRS: Final = 1 << 22
"""Pairs of a query and a key that are measured in a head; of a larger corpus a seeded sample of
rows."""

NEIGHBOURS: Final = 15
TRUSTED_BEFORE: Final = 1024
"""Points that trustworthiness was once measured on."""
TRUSTED_POINTS: Final = 512
_BLOCK: Final = 1 << 20
_FEW_KEYS: Final = 1 << 15
"""Keys, over all heads, up to which their places in all spaces are held at once."""


@dataclass(frozen=True)
class Truth:
    """How truly distance tells one head's attention, over `rows` rows; `sampled` says that these
    are of a sample."""

    top3_mass: Estimate
    rank: Estimate
    rows: int
    sampled: bool


@dataclass(frozen=True)
class KeyPlaces:
    """Where a document's keys lie, (heads, keys, dimensions), asked for once for all its rows;
    `squares` are ‖y‖² where distances are made of them."""

    positions: Array
    squares: Array | None

    @classmethod
    def of(cls, positions: Array) -> KeyPlaces:
        """Those at these positions."""
        return cls(positions, geometry.squares_of_keys(positions))

    def squared_distances(self, queries: Array) -> Array:
        """From queries (heads, rows, dimensions), (heads, rows, keys)."""
        return geometry.squared_distances(queries, self.positions, self.squares)


def _cut(block: Array, rows: Array, keys: Array) -> Array:
    """These rows and keys of a block (…, rows, keys), which is not copied if it has no others."""
    if len(rows) < block.shape[-2]:
        block = block[..., rows, :]
    return block if len(keys) == block.shape[-1] else block[..., keys]


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
        places: dict[str, KeyPlaces] = {}
        if heads * len(keys) <= _FEW_KEYS:
            for name, positions in self.positions.items():
                places[name] = KeyPlaces.of(positions.keys_at(document.keys[keys]))
        for run in runs(rows, max(1, _BLOCK // (heads * len(document.keys)))):
            self._add_rows(document, run, keys, places)

    def _add_rows(
        self, document: DocumentRows, rows: Array, keys: Array, places: Mapping[str, KeyPlaces]
    ) -> None:
        """Measure rows that lie close together, over these keys of the document; `places` are
        where these lie in each map or space, {} where that takes too much memory at once."""
        # Attention is asked for in blocks of consecutive rows, of which some are of the sample.
        block, at = slice(int(rows[0]), int(rows[-1]) + 1), rows - rows[0]
        queries_at = document.queries[rows]
        from attnviz.maps.ranked_rows import in_order, truths  # numba takes long to import

        cut = partial(_cut, rows=at, keys=keys)
        allowed = cut(document.allowed(block))  # (row, key)
        attention = cut(document.attention(block))  # (head, row, key)
        by_score = in_order(cut(document.score(block)), allowed, falling=True)
        for name, positions in self.positions.items():
            here = places.get(name) or KeyPlaces.of(positions.keys_at(document.keys[keys]))
            distances = here.squared_distances(positions.queries_at(queries_at))
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
    """Whether near in a map is near in the space it was made from: `trustworthiness_of_maps` of
    one."""
    return trustworthiness_of_maps(space, [positions], seed, neighbours, most)[0]


def trustworthiness_of_maps(
    space: Array,
    maps: Sequence[Array],
    seed: int,
    neighbours: int = NEIGHBOURS,
    most: int = TRUSTED_POINTS,
) -> list[Estimate]:
    """Whether near in each map is near in the space they were made from (Venna & Kaski 2001): 1 is
    perfect.

    space (points, size) and maps (points, dimensions), under Euclidean distance; over at most
    `most` points, drawn by the seed, each among all others. No value where there are too few points
    for so many neighbours. Distances in the space are computed once for all maps.

        T = 1 − 2 / (n k (2N − 3k − 1)) · Σ_i Σ_{j near i in the map} max(0, rank of j from i in the
        space − k)
    """
    from attnviz.maps.fused import count_less  # numba takes half a second to import

    points, k = len(space), neighbours
    if 2 * points - 3 * k - 1 <= 0:
        return [Estimate(None) for _ in maps]
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(points, min(points, most), replace=False))
    near = np.hstack([_nearest(positions, rows, k) for positions in maps])  # (row, map × neighbour)
    sums = np.zeros((2, len(maps)))
    # ‖x − y‖² is ‖y‖² − 2 x·y but for what is the same along a row, so it is one product.
    # Ranks need no more digits than float32 has of vectors around their centre.
    centred = (space - space.mean(0)).astype(np.float32)
    queries = np.column_stack([-2 * centred, np.ones(points, np.float32)])
    keys = np.column_stack([centred, np.square(centred).sum(1)])
    for start in range(0, len(rows), 128):
        part = slice(start, start + 128)
        distances = queries[rows[part]] @ keys.T  # (row, point)
        distances[np.arange(len(distances)), rows[part]] = -np.inf  # a point is its own first
        of_near = np.take_along_axis(distances, near[part], 1)
        ranks = count_less(distances, of_near).reshape(-1, len(maps), k)
        excess = (ranks - k).clip(0).sum(2, dtype=np.float64)  # (row, map)
        sums += excess.sum(0), (excess**2).sum(0)
    scale = 2 / (k * (2 * points - 3 * k - 1))
    return [_trust(far, squares, len(rows), points, scale) for far, squares in sums.T]


def _trust(total: float, squares: float, rows: int, points: int, scale: float) -> Estimate:
    """By the sum and the sum of squares over so many rows of what is too far."""
    error = standard_error(total, squares, rows, rows / points)
    return Estimate(float(1 - scale * total / rows), None if error is None else scale * error)


def _nearest(positions: Array, rows: Array, count: int) -> Array:
    """Indices of the `count` other points nearest to each of these points, (rows, count)."""
    # In the square from 1 to 2, as the tree never ends among points that coincide at zero where the
    # processor takes the next larger number for zero too.
    span = float(np.ptp(positions, 0).max()) or 1.0
    placed = 1 + (positions - positions.min(0)) / span
    _, near = KDTree(placed).query(placed[rows], count + 1)  # (row, count + 1)
    # A point is among its own neighbours, unless more points coincide with it than were asked for.
    other = near != rows[:, None]
    other[other.all(1), -1] = False
    neighbours: Array = near[other].reshape(len(rows), count)
    return neighbours
