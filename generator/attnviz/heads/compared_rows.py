"""Which rows of attention heads are compared in."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from attnviz.score import Array

OF_A_DOCUMENT: Final = 16
FEWEST: Final = 64
MOST: Final = 2048
WORK: Final = 5e8
"""Rows of a document where there are many, and of the sample; pairs of heads × entries of attention
that are compared, which is seconds."""

Rows = Mapping[int, Array]
"""Query rows to compare, by document."""


def sample_rows(queries: Array, keys: Array, heads: int, seed: int) -> dict[int, Array]:
    """Query rows by document, seeded: some of each of many documents, more of few, fewer where
    there are many heads."""
    rng = np.random.default_rng(seed)
    documents = rng.permutation(np.flatnonzero((queries > 0) & (keys > 1)))
    pairs = max(1, heads * (heads - 1) // 2)
    left = 0
    if len(documents):
        left = int(np.clip(WORK / (pairs * keys[documents].mean()), FEWEST, MOST))
    most = max(OF_A_DOCUMENT, -(-left // max(1, len(documents))))
    rows = {}
    for document in documents.tolist():
        count = min(left, most, int(queries[document]))
        if not count:
            break
        rows[document] = np.sort(rng.choice(queries[document], count, replace=False))
        left -= count
    return rows
