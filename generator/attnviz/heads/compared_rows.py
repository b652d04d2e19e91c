"""Which rows of attention heads are compared in."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.sampling import RowSample, draw_evenly
from attnviz.score import Array

FEWEST: Final = 64
MOST: Final = 2048
WORK: Final = 5e8
"""Rows of a sample; pairs of heads × entries of attention that are compared, which is seconds."""


def sample_rows(queries: Array, keys: Array, heads: int, seed: int) -> RowSample:
    """Query rows drawn evenly from all documents of so many queries and keys, (documents,) each;
    fewer where there are many heads, or long documents."""
    documents = np.flatnonzero((queries > 0) & (keys > 1))
    if not len(documents):
        return draw_evenly({}, 0, seed)
    pairs = max(1, heads * (heads - 1) // 2)
    entries = np.average(keys[documents], weights=queries[documents])  # of a row
    count = int(np.clip(WORK / (pairs * entries), FEWEST, MOST))
    rows = {document: np.arange(queries[document]) for document in documents.tolist()}
    return draw_evenly(rows, count, seed)


def telling_rows(a: Array, keys: Array) -> Array:
    """Of rows of all heads' attention, (heads, rows, K), which can tell heads apart, (rows,) true
    or false: those in which every head sees something, and some head more keys than one; `keys`
    (rows,) are the most that any sees."""
    telling: Array = np.isfinite(a).all((0, 2)) & (keys > 1)
    return telling
