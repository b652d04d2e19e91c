"""Which rows of attention heads are compared in: they follow from what documents hold, so that
another document in the corpus leaves nearly all of them as they are."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final

import numpy as np

from attnviz.documents.tokens import Tokens
from attnviz.sampling import RowSample
from attnviz.score import Array

FEWEST: Final = 64
MOST: Final = 2048
WORK: Final = 5e8
"""Rows of a sample, about; pairs of heads × entries of attention that are compared, which is
seconds."""


def content_number(tokens: Tokens | None, number: int) -> int:
    """A number that follows from the ids of a document's tokens, whatever its place in the corpus;
    its own `number` there where it has no ids, as patches have none."""
    if tokens is None or not (tokens.ids >= 0).any():
        return number
    digest = hashlib.sha256(tokens.ids.astype("<i4").tobytes()).digest()
    return int.from_bytes(digest[:8], "little")


def sample_rows(
    queries: Array, keys: Array, contents: Sequence[int], heads: int, seed: int
) -> RowSample:
    """Query rows drawn evenly from all documents of so many queries and keys, (documents,) each;
    fewer where there are many heads, or long documents. `contents` are the documents' numbers by
    content.

    Each row has a random number, which follows from the seed, what its document holds and its place
    in that, and those under a share are drawn: a power of ½, since a share that went with the size
    of the corpus would draw other rows of all documents for every new one. How many are drawn is
    then random, and given that they are a simple random sample.
    """
    documents = np.flatnonzero((queries > 0) & (keys > 1)).tolist()
    if not documents:
        return RowSample({}, 0, 0)
    pairs = max(1, heads * (heads - 1) // 2)
    entries = np.average(keys[documents], weights=queries[documents])  # of a row
    total = int(queries[documents].sum())
    count = float(np.clip(WORK / (pairs * entries), FEWEST, MOST))
    share = 2.0 ** round(np.log2(count / total))
    if share >= 1:
        return RowSample({n: np.arange(queries[n]) for n in documents}, total, total)
    numbers = {n: np.random.default_rng((seed, contents[n])) for n in documents}
    rows = {n: np.flatnonzero(rng.random(queries[n]) < share) for n, rng in numbers.items()}
    rows = {number: at for number, at in rows.items() if len(at)}
    return RowSample(rows, sum(map(len, rows.values())), total)


def telling_rows(a: Array, keys: Array) -> Array:
    """Of rows of all heads' attention, (heads, rows, K), which can tell heads apart, (rows,) true
    or false: those in which every head sees something, and some head more keys than one; `keys`
    (rows,) are the most that any sees."""
    telling: Array = np.isfinite(a).all((0, 2)) & (keys > 1)
    return telling
