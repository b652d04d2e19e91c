"""The shards of an opened report, each proved before use, the latest kept in memory."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import numpy as np
import pyarrow as pa

from attnviz.errors import ReportError
from attnviz.format.manifest import AxisEntry, Manifest, Model
from attnviz.format.shards import read_shard
from attnviz.reader.decode import AttentionTable
from attnviz.reader.unfit import naming
from attnviz.score import Array

_KEPT: Final = 64
"""Tables and columns in memory, the latest used."""

_Read = TypeVar("_Read")


class ShardStore:
    """Reads a report's shards by id. ReportError names a file that is missing or damaged.

    `places` are the folders, by path, of shards that do not lie in `folder` yet.
    """

    def __init__(
        self, folder: Path, manifest: Manifest, places: Mapping[str, Path] | None = None
    ) -> None:
        self.folder, self.manifest = folder, manifest
        self._places = places or {}
        self._kept: OrderedDict[str, Any] = OrderedDict()

    def table(self, shard: str) -> pa.Table:
        """A shard as it is."""
        return self._keep(shard, lambda: self._read(shard))

    def column(self, shards: Sequence[str], name: str) -> Array:
        """A column of one shard, or of several one after another, as NumPy has it."""

        def read() -> Array:
            with naming(self.manifest, shards):
                table = pa.concat_tables([self._read(shard) for shard in shards])
                joined: Array = table[name].to_numpy()
            return joined

        return self._keep(f"{' '.join(shards)} {name}", read)

    def lengths(self, axis: AxisEntry) -> Array:
        """Tokens of every document on an axis: (document,), int64. They are those of its shards of
        tokens, so that nothing is ever made as large as a number that is not so."""

        def read() -> Array:
            lengths = self.column([axis.lengths], "length").astype(np.int64)
            rows = sum(self.manifest.shards[name].rows for name in axis.shards)
            documents = self.manifest.documents.count
            if len(lengths) != documents or not int(lengths.sum()) == axis.tokens == rows:
                raise ReportError(
                    f"{self.manifest.shards[axis.lengths].path}: has {lengths.sum()} tokens of"
                    f" {len(lengths)} documents; the manifest says {axis.tokens} of {documents},"
                    f" and its shards of tokens {rows}"
                )
            return lengths

        return self._keep(f"{axis.lengths} of {axis.name}", read)

    def kept(self, model: Model) -> frozenset[int] | None:
        """The documents whose attention is stored of a model; None for all that it reads."""
        entry = model.kept
        if entry is None:
            return None

        def read() -> frozenset[int]:
            return frozenset(self.column([entry.shard], "document").tolist())

        return self._keep(f"{entry.shard} as a set", read)

    def attention(self, shard: str) -> AttentionTable:
        """A shard of attention, its rows by side, head and document."""
        encoding = self.manifest.shards[shard].encoding or ""
        return self._keep(f"{shard} by head", lambda: AttentionTable(encoding, self._read(shard)))

    def covering(self, kind: str, shards: Sequence[str], document: int) -> tuple[str, int]:
        """The shard, among some of a kind split by documents, that holds one, and its first
        document."""
        for shard in shards:
            first, end = self.manifest.shards[shard].documents or (0, 0)
            if first <= document < end:
                return shard, first
        raise ReportError(f"the manifest names no {kind} shard for document {document}")

    def _read(self, shard: str) -> pa.Table:
        if shard not in self.manifest.shards:
            raise ReportError(f"manifest.json: names a shard {shard} that it does not list")
        entry = self.manifest.shards[shard]
        folder = self._places.get(entry.path)
        if folder is not None:
            return read_shard(folder, entry)
        return read_shard(self.folder, entry, not self.manifest.site.with_shards)

    def _keep(self, key: str, read: Callable[[], _Read]) -> _Read:
        """What was read under this key, or is read now; the least lately used goes."""
        if key not in self._kept:
            self._kept[key] = read()
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
        self._kept.move_to_end(key)
        kept: _Read = self._kept[key]
        return kept
