"""Scores that parts of documents' texts came with, as a model's tokens have them."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from attnviz.reader.store import ShardStore
from attnviz.reader.unfit import naming
from attnviz.score import Array

_SPANS: Final = ("start", "end", "score")


def read_scores(store: ShardStore, document: int) -> dict[str, tuple[Array, Array, Array]]:
    """The rows of scores of a document, by name: start and end of each part of its text, and its
    score, each (parts,)."""
    rows: dict[str, tuple[Array, Array, Array]] = {}
    for name in store.manifest.documents.scores:
        with naming(store.manifest, [name]):
            first, end = store.manifest.shards[name].documents or (0, 0)
            if first <= document < end:
                for row in store.table(name).to_pylist():
                    if row["document"] == document:
                        rows[row["title"]] = _spans(row)
    return rows


def _spans(row: dict[str, Any]) -> tuple[Array, Array, Array]:
    start, end, score = (np.array(row[name], np.float64) for name in _SPANS)
    if not len(start) == len(end) == len(score):
        raise ValueError(f"{len(score)} scores for {len(start)} parts of a text")
    if (end <= start).any() or (start[1:] < end[:-1]).any():
        raise ValueError("parts of a text that are empty, or out of order")
    return start.astype(np.int64), end.astype(np.int64), score


def scores_of_tokens(start: Array, end: Array, row: tuple[Array, Array, Array]) -> Array:
    """The score of each token (T,) float64: that of the first part of the text with which it shares
    a character; NaN where there is none, as of a token that stands for no text.

    `start` and `end` (T,) are the tokens' characters, −1 for none.
    """
    _, ends, scores = row
    # The first part that ends after the token begins.
    part = np.searchsorted(ends, start, side="right")
    begins = np.append(row[0], np.iinfo(np.int64).max)[part]
    shares = (start >= 0) & (begins < end)
    values: Array = np.where(shares, np.append(scores, np.nan)[part], np.nan)
    return values
