"""Shards: Arrow tables cut to size, written as files under the hash of their bytes, and read back
with proof."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import pyarrow as pa

from attnviz.errors import ReportError
from attnviz.format.columns import metadata, schema_of
from attnviz.format.inside import read_inside
from attnviz.format.manifest import Shard
from attnviz.format.tables import read_table
from attnviz.format.twins import content_of, twin_path

TARGET: Final = 300_000
SPLIT_ABOVE: Final = 400_000
LARGEST: Final = 8_000_000


def cut(sizes: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Ranges [first, end) of rows of these sizes in bytes: one if all fit in 400 kB, else at most
    300 kB each, but for a row that is larger.

    >>> list(cut([250_000, 250_000, 250_000]))
    [(0, 1), (1, 2), (2, 3)]
    """
    if sum(sizes) <= SPLIT_ABOVE:
        if sizes:
            yield 0, len(sizes)
        return
    first, total = 0, 0
    for row, size in enumerate(sizes):
        if total and total + size > TARGET:
            yield first, row
            first, total = row, 0
        total += size
    yield first, len(sizes)


def table_bytes(kind: str, columns: dict[str, Any], **keys: Any) -> tuple[bytes, int]:
    """An Arrow IPC file with uncompressed bodies, and its number of rows."""
    schema = schema_of(kind, keys.get("encoding"), columns)
    table = pa.table(columns, schema=schema.with_metadata(metadata(kind, **keys)))
    return table_file(table), table.num_rows


def table_file(table: pa.Table) -> bytes:
    """A table as an Arrow IPC file with uncompressed bodies."""
    sink = pa.BufferOutputStream()
    with pa.ipc.new_file(
        sink, table.schema, options=pa.ipc.IpcWriteOptions(compression=None)
    ) as writer:
        writer.write_table(table)
    content: bytes = sink.getvalue().to_pybytes()
    return content


class ShardFolder:
    """Writes shards into one folder and keeps their manifest entries by id."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.shards: dict[str, Shard] = {}

    def add(self, name: str, kind: str, columns: dict[str, Any], **keys: Any) -> str:
        """Write one shard; returns its id. `keys` are the manifest entry's further keys."""
        content, rows = table_bytes(kind, columns, **keys)
        if len(content) > LARGEST:
            raise ReportError(
                f"shard {name} would hold {len(content) / 1e6:.1f} MB; the format allows"
                f" {LARGEST / 1e6:.0f} MB"
            )
        digest = hashlib.sha256(content).hexdigest()
        path = f"data/{name}-{digest[:16]}.arrow"
        target = self.folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content)
        self.shards[name] = Shard(
            path=path, bytes=len(content), sha256=digest, rows=rows, kind=kind, **keys
        )
        return name


def read_shard(root: Path, shard: Shard, of_twins: bool = False) -> pa.Table:
    """Read a shard whole, after proving its bytes and every value in them. ReportError names the
    file and what is wrong with it."""
    return read_table(shard_bytes(root, shard, of_twins), shard)


def shard_bytes(root: Path, shard: Shard, of_twins: bool = False) -> bytes:
    """The bytes of a shard, proved: of its file, or of its twin where that is there alone in a
    report that is `of_twins`. ReportError names it and what is wrong with it."""
    if of_twins and not os.path.lexists(root / shard.path):
        return _bytes_of_twin(root, shard, twin_path(shard.path))
    content = read_inside(root, shard.path, LARGEST)
    wrong = ""
    if len(content) != shard.bytes:
        wrong = f"it has {len(content)} bytes where the manifest says {shard.bytes}"
    elif hashlib.sha256(content).hexdigest() != shard.sha256:
        wrong = "its bytes are not those of the manifest's SHA-256"
    if wrong:
        raise ReportError(f"{shard.path}: is damaged: {wrong}; copy or build the report again")
    return content


def _bytes_of_twin(root: Path, shard: Shard, path: str) -> bytes:
    script = read_inside(root, path, LARGEST * 4 // 3 + len(shard.path) + 100)
    content = content_of(script, shard.path, shard.bytes)
    if content is None or hashlib.sha256(content).hexdigest() != shard.sha256:
        raise ReportError(
            f"{path}: is damaged: it does not hold the bytes of the manifest's SHA-256; copy or"
            " build the report again"
        )
    return content
