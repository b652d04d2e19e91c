"""Shards of the scores that parts of documents' texts came with."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from attnviz.documents import Document
from attnviz.documents.scored_text import ScoreRow
from attnviz.format.shards import ShardFolder, cut

_PART: Final = 16
"""Bytes of a part of a text: two offsets and a score."""
_ROW: Final = 1000
"""Bytes of the rest of a row, most of them its colours."""


def write_scores(documents: Sequence[Document], into: ShardFolder) -> list[str]:
    """The rows of scores of documents that have some; returns the shards' ids. All rows of a
    document are in one shard."""
    sizes = [sum(_ROW + _PART * len(row.spans) for row in d.scores) for d in documents]
    names: list[str] = []
    for first, end in cut(sizes):
        members = enumerate(documents[first:end], first)
        rows = [_columns(number, row) for number, document in members for row in document.scores]
        if rows:
            columns = {name: [row[name] for row in rows] for name in rows[0]}
            name = f"scores-{len(names)}"
            names.append(into.add(name, "score", columns, documents=(first, end)))
    return names


def _columns(document: int, row: ScoreRow) -> dict[str, Any]:
    low, high = row.scale.limits
    least, mean, most = row.scale.extremes
    return {
        "document": document, "title": row.name,
        "start": [start for start, _, _ in row.spans],
        "end": [end for _, end, _ in row.spans],
        "score": [score for _, _, score in row.spans],
        "cmap": row.scale.cmap, "colors": list(bytes.fromhex(row.scale.colors)),
        "alpha": row.scale.alpha, "low": low, "high": high,
        "least_score": least, "mean_score": mean, "most_score": most,
    }  # fmt: skip
