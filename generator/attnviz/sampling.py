"""Samples drawn evenly, and how far a mean over one may be off.

Every row that could be measured has the same chance, whatever document it stands in: a simple
random sample without replacement. Each row has a random number, which follows from the seed, the
document's number and the row's place in it alone, and the rows with the smallest are drawn. So
neither the order of documents nor who measures them makes a difference.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.score import Array, Intervals

ALL_ROWS: Final = 2048
"""The error of stored attention is measured on all rows of a document of so many, and on a sample
of a longer one's, as its certificate says."""
_SAMPLED_ROWS: Final = 512
_BLOCK: Final = 16


@dataclass(frozen=True)
class RowSample:
    """Places of rows by document, ascending: `drawn` of the `total` rows that could be measured."""

    rows: Mapping[int, Array]
    drawn: int
    total: int

    @property
    def share(self) -> float:
        """Of all rows, those that were drawn, from 0 to 1."""
        return self.drawn / self.total if self.total else 1.0


def draw_evenly(rows: Mapping[int, Array], count: int, seed: int) -> RowSample:
    """So many of these rows, which are ascending places by document; all if there are no more.

    >>> sample = draw_evenly({3: np.arange(2), 5: np.arange(4)}, 2, seed=0)
    >>> sum(len(places) for places in sample.rows.values()), sample.total
    (2, 6)
    """
    total = sum(len(places) for places in rows.values())
    drawn = min(total, count)
    if not drawn or drawn == total:
        return RowSample(rows if drawn else {}, drawn, total)
    numbers = {
        document: np.random.default_rng((seed, document)).random(int(places[-1]) + 1)[places]
        for document, places in rows.items()
        if len(places)
    }
    last = np.partition(np.concatenate(list(numbers.values())), drawn - 1)[drawn - 1]
    chosen = {document: rows[document][of_rows <= last] for document, of_rows in numbers.items()}
    return RowSample({document: at for document, at in chosen.items() if len(at)}, drawn, total)


def measured_rows(intervals: Intervals, heads: int) -> list[slice]:
    """The blocks of rows that an error is measured on: all of a document, or of a long one some of
    16 rows, drawn by its length, so that each has the same chance."""
    count = len(intervals.lo)
    if count <= ALL_ROWS:
        return intervals.blocks(heads)
    rng = np.random.default_rng(count)
    drawn = rng.choice(-(-count // _BLOCK), _SAMPLED_ROWS // _BLOCK, replace=False)
    return [slice(_BLOCK * i, min(_BLOCK * (i + 1), count)) for i in sorted(drawn.tolist())]


def measured_share(intervals: Intervals) -> float:
    """Of the blocks of a document, those that `measured_rows` draws, from 0 to 1."""
    count = len(intervals.lo)
    return 1.0 if count <= ALL_ROWS else _SAMPLED_ROWS // _BLOCK / -(-count // _BLOCK)


ERROR_OF: Final = ".standard_error"
"""What a statistic's name is followed by where its standard error stands beside it."""


@dataclass(frozen=True)
class Estimate:
    """A mean, None where there is nothing to average; `error` is its standard error, None where
    the mean is over all there is, or of too few to tell."""

    value: float | None
    error: float | None = None


def standard_error(total: float, squares: float, count: int, share: float) -> float | None:
    """The standard error of a mean of `count` values of a simple random sample without replacement,
    from their sum and sum of squares; `share` is the part of all that was drawn.

        √((1 − share) · s² / count),    s² = (squares − total² / count) / (count − 1)

    (Cochran 1977, sections 2.5 and 2.6, with the finite-population correction; section 2.12 for a
    mean over those that say something, of which the sample has the same share). None where all
    were drawn, or fewer than two.
    """
    if share >= 1 or count < 2:
        return None
    variance = max(0.0, squares - total**2 / count) / (count - 1)
    return float(np.sqrt((1 - share) * variance / count))
