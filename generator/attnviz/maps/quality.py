"""How far maps may be believed, measured at positions as readers find them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from types import MappingProxyType
from typing import Final

import numpy as np
from scipy.spatial import KDTree

from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.measured_rows import KeyPlaces, MeasuredRows, Positions
from attnviz.maps.row_sample import draw_rows, runs
from attnviz.sampling import Estimate, RowSample, standard_error
from attnviz.score import Array


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
_NONE: Final = np.empty(0, np.int64)


@dataclass(frozen=True)
class Truth:
    """How truly distance tells one head's attention, over `rows` rows; `sampled` says that these
    are of a sample."""

    top3_mass: Estimate
    rank: Estimate
    rows: int
    sampled: bool


class Measurement:
    """Collects what rows of a sample say of maps or spaces, by name: `measure_together`, then
    `truths`. `known` are documents' sums by number and name, which are taken where all rows are
    measured."""

    def __init__(
        self,
        positions: Mapping[str, Positions],
        sample: RowSample,
        known: Mapping[int, Mapping[str, Array]] = MappingProxyType({}),
    ) -> None:
        self.positions = positions
        self._sample = sample
        self._sums: dict[str, dict[int, Array]] = {name: {} for name in positions}
        for document, sums in known.items() if not self.sampled else ():
            for name, of_name in sums.items():
                self._sums[name][document] = of_name
        self._known = set() if self.sampled else set(known)

    @property
    def sampled(self) -> bool:
        """Whether not all rows are measured."""
        return self._sample.share < 1

    def rows_left(self, document: int) -> Array:
        """The rows of a document that are to be measured, ascending."""
        if not self.positions or document in self._known:
            return _NONE
        return self._sample.rows.get(document, _NONE)

    def sums_of(self, name: str, document: int) -> Array:
        """Of the values of a document's rows, their sum, that of their squares and their number,
        for top-3 mass and for rank, (2, 3, heads); zeros for a document of no rows."""
        heads = self.positions[name].heads
        return self._sums[name].get(document, np.zeros((2, 3, heads)))

    def places(self, keys: Array) -> dict[str, KeyPlaces]:
        """Where these keys lie in each map or space, by name."""
        return {name: KeyPlaces.of(each.keys_at(keys)) for name, each in self.positions.items()}

    def add(
        self, document: int, rows: MeasuredRows, keys: Array, places: Mapping[str, KeyPlaces]
    ) -> None:
        """Take in rows of a document, over these of its keys; `places` are where they lie in each
        map or space, {} where that takes too much memory at once."""
        for name, positions in self.positions.items():
            here = places.get(name) or KeyPlaces.of(positions.keys_at(keys))
            values = rows.truths(positions, here)
            sums = self._sums[name].setdefault(document, np.zeros((2, 3, positions.heads)))
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
) -> Measurement:
    """Maps or spaces against the attention of these documents, or of a sample of their rows that
    is expected to have so many pairs of a query and a key."""
    measured = Measurement(positions, draw_rows(documents, pairs, seed))
    measure_together([measured], documents)
    return measured


def measure_together(
    measurements: Sequence[Measurement], documents: Sequence[DocumentRows]
) -> None:
    """Hold maps and spaces of the same heads against the attention of these documents in one pass:
    a row is computed and ranked once, for all whose samples have it."""
    for document in documents:
        left = [(each, each.rows_left(document.document)) for each in measurements]
        wanted = [(each, rows) for each, rows in left if len(rows)]
        if wanted:
            _measure_document(wanted, document)


def _measure_document(wanted: Sequence[tuple[Measurement, Array]], document: DocumentRows) -> None:
    """Each measurement on its rows of a document."""
    keys = np.flatnonzero(document.keys >= 0)
    points = document.keys[keys]
    heads = next(iter(wanted[0][0].positions.values())).heads
    few = heads * len(keys) <= _FEW_KEYS
    places = [each.places(points) if few else {} for each, _ in wanted]
    rows = reduce(np.union1d, [of_sample for _, of_sample in wanted])
    chosen = [np.isin(rows, of_sample, assume_unique=True) for _, of_sample in wanted]
    end = 0
    for run in runs(rows, max(1, _BLOCK // (heads * len(document.keys)))):
        start, end = end, end + len(run)
        ranked = MeasuredRows.of(document, run, keys)
        for (each, _), of_each, which in zip(wanted, places, chosen, strict=True):
            if which[start:end].any():
                each.add(document.document, ranked.at(which[start:end]), points, of_each)


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
