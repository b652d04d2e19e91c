"""Bytes that a build writes beside attention, by the lengths of documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from attnviz.capture.result import Layer
from attnviz.documents import Document
from attnviz.score import Array

TOKEN: Final = 25
"""Bytes of a token beside its document's text: measured on the quickstart, 111,578 of 4,394."""
PAGE: Final = 27_000
"""Bytes of a head's page: of the quickstart's 72, 1.93 MB."""
ENTRY: Final = 4_700
"""Bytes of a head in the manifest: of the quickstart's 72, 340,829."""
SUMS: Final = 320
"""Bytes of a token of a head in what is kept of statistics: of the quickstart's 316,368, 102 MB."""
VIEWER: Final = 600_000
"""Bytes of the viewer, its style and what stands beside index.html."""


def other_bytes(
    layers: Sequence[Layer], lengths: Mapping[str, Array], documents: Sequence[Document]
) -> int:
    """Tokens, texts, and lengths of values."""
    tokens = sum(int(of_axis.sum()) for of_axis in lengths.values())
    values = sum(int(lengths[layer.key_axis].sum()) * layer.kv_heads for layer in layers)
    return tokens * TOKEN + sum(len(document.text.encode()) for document in documents) + values


def cache_bytes(layers: Sequence[Layer], lengths: Mapping[str, Array]) -> int:
    """What is captured, in float32: queries and keys, or the attention; and sums of statistics."""
    size = 0
    for layer in layers:
        queries, keys = lengths[layer.query_axis], lengths[layer.key_axis]
        size += SUMS * int(queries.sum()) * layer.heads
        if layer.vectors:
            vectors = int(queries.sum()) * layer.heads + int(keys.sum()) * layer.kv_heads
            size += 4 * layer.head_size * vectors
        else:
            size += 4 * layer.heads * int((queries * keys).sum())
    return size
