"""A layer's attention put together from that of its batches, as a step of the build."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from attnviz.capture.result import Layer
from attnviz.encoding import ENCODINGS
from attnviz.engine.step import folder_step
from attnviz.format.manifest import Shard
from attnviz.format.shards import ShardFolder, read_shard
from attnviz.writer.attention import kv_heads_of, write_table

AT_ONCE: Final = 8_000_000
"""Bytes of codes that are read and put in order at a time, if a kv head has no more."""


@dataclass(frozen=True)
class BatchShards:
    """A layer's shards of one batch: the folder that holds them, their entries by id, and the
    numbers in the corpus of what are documents 0, 1, … in them."""

    folder: Path
    shards: Mapping[str, Shard]
    documents: tuple[int, ...]


@folder_step("attention")
def put_together(
    into: Path, layer: Layer, batches: Sequence[BatchShards], model: str
) -> dict[str, Shard]:
    """The shards of a layer's attention, by id: the codes of all batches, row by row as they were
    measured, with the documents' numbers in the corpus. Read and put in order are so many kv heads
    at a time as take about 8 MB together, or one."""
    shards = ShardFolder(into)
    entries = [shard for batch in batches for shard in batch.shards.values()]
    for encoding in sorted({_encoding(shard) for shard in entries}, key=ENCODINGS.index):
        part = 0
        for kv_heads in _passes([shard for shard in entries if _encoding(shard) == encoding]):
            table = pa.concat_tables(_rows(batches, encoding, layer, kv_heads))
            part = write_table(table, encoding, layer, shards, model, part)
    return shards.shards


def _encoding(shard: Shard) -> str:
    return shard.encoding or ""


def _passes(entries: Sequence[Shard]) -> Iterator[range]:
    """The kv heads of shards, cut where those before take AT_ONCE bytes, if a shard's heads are
    taken to be alike."""
    sizes: dict[int, float] = defaultdict(float)
    for shard in entries:
        kv_heads = _kv_heads(shard)
        for kv_head in kv_heads:
            sizes[kv_head] += shard.bytes / len(kv_heads)
    first, total = min(sizes), 0.0
    for kv_head in sorted(sizes):
        if total and total + sizes[kv_head] > AT_ONCE:
            yield range(first, kv_head)
            first, total = kv_head, 0.0
        total += sizes[kv_head]
    yield range(first, max(sizes) + 1)


def _rows(
    batches: Sequence[BatchShards], encoding: str, layer: Layer, kv_heads: range
) -> Iterator[pa.Table]:
    """The rows of some kv heads, batch by batch."""
    for batch in batches:
        for shard in batch.shards.values():
            of_shard = _kv_heads(shard)
            if _encoding(shard) != encoding or not _overlap(of_shard, kv_heads):
                continue
            table = read_shard(batch.folder, shard).replace_schema_metadata(None)
            if not set(of_shard) <= set(kv_heads):
                numbers = np.array(kv_heads_of(table, layer))
                inside = (numbers >= kv_heads.start) & (numbers < kv_heads.stop)
                table = table.filter(pa.array(inside))
            yield _renumbered(table, batch.documents)


def _kv_heads(shard: Shard) -> range:
    assert shard.kv_heads is not None
    return range(*shard.kv_heads)


def _overlap(one: range, other: range) -> bool:
    return one.start < other.stop and other.start < one.stop


def _renumbered(table: pa.Table, documents: tuple[int, ...]) -> pa.Table:
    """The rows with the documents' numbers in the corpus."""
    place = table.column_names.index("document")
    field = table.schema.field(place)
    numbers = np.array(documents)[table["document"].to_numpy()]
    return table.set_column(place, field, pa.array(numbers, field.type))
