"""Which rows of attention maps and spaces are measured on: all, or a sample drawn evenly."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

import numpy as np

from attnviz import geometry
from attnviz.maps.document_rows import DocumentRows
from attnviz.sampling import RowSample, draw_evenly
from attnviz.score import Array

_GAP: Final = 8
"""Rows between two of a sample that are computed with them rather than apart."""


def draw_rows(documents: Iterable[DocumentRows], pairs: int, seed: int) -> RowSample:
    """All rows of these documents, or as many as `pairs` pairs of a query and a key are expected
    of, at least one.

    A row counts if its query is on the map and more keys of its document are than top-3 mass
    compares.
    """
    rows, work = {}, 0
    for document in documents:
        keys = int((document.keys >= 0).sum())
        if keys > geometry.NEAREST:
            rows[document.document] = np.flatnonzero(document.queries >= 0)
            work += len(rows[document.document]) * keys
    total = sum(len(at) for at in rows.values())
    return draw_evenly(rows, max(1, round(total * pairs / work)) if work else 0, seed)


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
