"""Attention shards written: a layer's documents in the encodings chosen for them, cut to size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np

from attnviz.encoding import ENCODINGS
from attnviz.format.columns import ENCODINGS as TABLES
from attnviz.format.shards import SPLIT_ABOVE, ShardFolder, cut
from attnviz.reader.decode import Row
from attnviz.score import Array
from attnviz.writer.attention_rows import encode_document
from attnviz.writer.encoding_choice import LayerSource


def write_layer(
    source: LayerSource,
    groups: Array,
    encodings: list[list[str]],
    shards: ShardFolder,
    stem: str,
    **place: Any,
) -> None:
    """Encode a layer's documents and write them, one encoding per shard.

    `encodings` are by document group (outer) and kv head (inner); `place` is the manifest entries'
    model, stack and layer.
    """
    rows: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for document in source.documents():
        names = encodings[groups[document.document]]
        for encoding in dict.fromkeys(names):
            heads = [kv_head for kv_head, name in enumerate(names) if name == encoding]
            rows[encoding] += encode_document(source.layer, document, encoding, heads)
    for encoding in sorted(rows, key=ENCODINGS.index):
        ordered = sorted(rows[encoding], key=_order)
        for part, (first, end) in enumerate(_ranges(ordered)):
            block = ordered[first:end]
            kv = [kv_head for kv_head, _ in block]
            documents = [row["document"] for _, row in block]
            columns = {
                name: [row[name] for _, row in block] for name in TABLES[encoding].schema.names
            }
            shards.add(
                f"{stem}-{encoding}-{part}",
                "attention",
                columns,
                encoding=encoding,
                kv_heads=(min(kv), max(kv) + 1),
                documents=(min(documents), max(documents) + 1),
                **place,
            )


def _order(entry: tuple[int, Row]) -> tuple[int, ...]:
    kv_head, row = entry
    return kv_head, row["document"], row.get("side", 0), row["head"], row["start"]


def _ranges(ordered: list[tuple[int, Row]]) -> Iterator[tuple[int, int]]:
    """Rows to shards: whole kv heads together up to about 300 kB, a larger kv head by its
    documents."""
    sizes = [
        sum(np.asarray(value).nbytes for value in row.values() if value is not None)
        for _, row in ordered
    ]
    kv_heads = [kv_head for kv_head, _ in ordered]
    starts = [i for i, kv in enumerate(kv_heads) if i == 0 or kv_heads[i - 1] != kv]
    starts.append(len(ordered))
    per_head = [sum(sizes[a:b]) for a, b in pairwise(starts)]
    for first, end in cut(per_head):
        a, b = starts[first], starts[end]
        if end - first == 1 and per_head[first] > SPLIT_ABOVE:
            yield from ((a + x, a + y) for x, y in cut(sizes[a:b]))
        else:
            yield a, b
