"""Attention shards written: documents in the encodings chosen for them, cut to size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from attnviz.capture.captured_layer import CapturedLayer
from attnviz.capture.result import Layer
from attnviz.encoding import ENCODINGS
from attnviz.format.columns import ENCODINGS as TABLES
from attnviz.format.columns import KEYS
from attnviz.format.shards import SPLIT_ABOVE, ShardFolder, cut
from attnviz.reader.decode import Row
from attnviz.score import Array
from attnviz.writer.attention_rows import encode_document
from attnviz.writer.coding import Coding

_NUMBER: Final = 8
"""Bytes that a number of a row counts as."""


def write_batch(
    layer: CapturedLayer,
    groups: Sequence[int | None],
    codings: Sequence[Sequence[Coding]],
    shards: ShardFolder,
    model: str,
) -> None:
    """Encode a layer's documents and write them, one encoding per shard. `groups` (documents,) are
    the documents' groups, None for those that are not stored; `codings` are by group (outer) and kv
    head (inner)."""
    rows: dict[str, list[Row]] = defaultdict(list)
    stored = frozenset(number for number, group in enumerate(groups) if group is not None)
    for document in layer.documents(stored):
        of_heads = codings[groups[document.document] or 0]
        for encoding in dict.fromkeys(coding.encoding for coding in of_heads):
            rows[encoding] += encode_document(layer.layer, document, encoding, of_heads)
    for encoding in sorted(rows, key=ENCODINGS.index):
        schema = TABLES[encoding].schema
        columns = {name: [row[name] for row in rows[encoding]] for name in schema.names}
        write_table(pa.table(columns, schema=schema), encoding, layer.layer, shards, model)


def write_table(
    table: pa.Table, encoding: str, layer: Layer, shards: ShardFolder, model: str, part: int = 0
) -> int:
    """Write a layer's rows of one encoding, in order, as one shard or several, numbered from
    `part`; returns the number after the last."""
    table = _in_order(table, layer)
    kv_heads = kv_heads_of(table, layer)
    ranges = list(_ranges(_sizes(table), kv_heads))
    for number, (first, end) in enumerate(ranges, part):
        kv, rows = kv_heads[first:end], table.slice(first, end - first)
        documents = rows["document"].to_numpy()
        shards.add(
            f"attention-{model}-{layer.stack}-L{layer.layer}-{encoding}-{number}",
            "attention",
            {name: rows[name] for name in rows.column_names},
            encoding=encoding,
            kv_heads=(min(kv), max(kv) + 1),
            documents=(int(documents.min()), int(documents.max()) + 1),
            model=model,
            stack=layer.stack,
            layer=layer.layer,
        )
    return part + len(ranges)


def _in_order(table: pa.Table, layer: Layer) -> pa.Table:
    """Rows by kv head, document, side, head, and first token."""
    columns: list[Any] = [table[name].to_numpy() for name in ("start", "head")]
    if "side" in table.column_names:
        columns.append(table["side"].to_numpy())
    order = np.lexsort([*columns, table["document"].to_numpy(), kv_heads_of(table, layer)])
    return table.take(pa.array(order)).combine_chunks()


def kv_heads_of(table: pa.Table, layer: Layer) -> list[int]:
    """The kv head of each row, by its number in the model."""
    heads: Array = table["head"].to_numpy().astype(np.int64)
    numbers = heads // layer.group
    if "side" in table.column_names:
        numbers = np.where(table["side"].to_numpy() == KEYS, heads, numbers)
    of_rows: list[int] = numbers.tolist()
    return of_rows


def _sizes(table: pa.Table) -> list[int]:
    """About how many bytes each row takes."""
    sizes = np.zeros(table.num_rows, np.int64)
    for field in table.schema:
        if pa.types.is_list(field.type):
            lengths = pa.compute.list_value_length(table[field.name]).fill_null(0).to_numpy()
            sizes += lengths * (field.type.value_type.bit_width // 8)
        else:
            sizes += _NUMBER
    of_rows: list[int] = sizes.tolist()
    return of_rows


def _ranges(sizes: list[int], kv_heads: list[int]) -> Iterator[tuple[int, int]]:
    """Rows to shards: whole kv heads together up to about 300 kB, a larger kv head by its
    documents."""
    starts = [i for i, kv in enumerate(kv_heads) if i == 0 or kv_heads[i - 1] != kv]
    starts.append(len(sizes))
    per_head = [sum(sizes[a:b]) for a, b in pairwise(starts)]
    for first, end in cut(per_head):
        a, b = starts[first], starts[end]
        if end - first == 1 and per_head[first] > SPLIT_ABOVE:
            yield from ((a + x, a + y) for x, y in cut(sizes[a:b]))
        else:
            yield a, b
