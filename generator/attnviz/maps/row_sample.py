"""Which rows of attention a figure is measured on: all, or a sample drawn evenly over rows.

Every row that could be measured has the same chance, whatever document it stands in: a simple
random sample without replacement. Each row has a random number, which follows from the seed, the
document's number and the row's place in it alone, and the rows with the smallest are drawn. So
neither the order of documents nor who measures them makes a difference.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz import geometry
from attnviz.maps.document_rows import DocumentRows
from attnviz.score import Array

_GAP: Final = 8
"""Rows between two of a sample that are computed with them rather than apart."""


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


def draw_rows(documents: Iterable[DocumentRows], pairs: int, seed: int) -> RowSample:
    """All rows of these documents, or as many as `pairs` pairs of a query and a key are expected
    of, at least one.

    A row counts if its query is on the map and more keys of its document are than top-3 mass
    compares.
    """
    rows, numbers, work = {}, {}, 0
    for document in documents:
        keys = int((document.keys >= 0).sum())
        if keys <= geometry.NEAREST:
            continue
        at = np.flatnonzero(document.queries >= 0)
        rows[document.document] = at
        rng = np.random.default_rng((seed, document.document))
        numbers[document.document] = rng.random(len(document.queries))[at]
        work += len(at) * keys
    total = sum(len(at) for at in rows.values())
    drawn = min(total, max(1, round(total * pairs / work))) if work else 0
    if drawn < total:
        last = np.partition(np.concatenate(list(numbers.values())), drawn - 1)[drawn - 1]
        rows = {document: at[numbers[document] <= last] for document, at in rows.items()}
    return RowSample(rows, drawn, total)


def runs(rows: Array, longest: int) -> Iterator[Array]:
    """Ascending places cut into runs that lie close together, none of which spans more than
    `longest` rows.

    >>> [run.tolist() for run in runs(np.array([0, 1, 5, 40, 41, 42]), 2)]
    [[0, 1], [5], [40, 41], [42]]
    """
    start = 0
    for end in range(1, len(rows) + 1):
        if (
            end == len(rows)
            or rows[end] - rows[end - 1] > _GAP
            or rows[end] - rows[start] >= longest
        ):
            yield rows[start:end]
            start = end
