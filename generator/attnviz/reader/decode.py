"""Attention shards read: Arrow rows of codes back to the attention of one head on one document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from attnviz.encoding import DENSE_TYPES, QueryKeyCodes, decode_dense
from attnviz.format.columns import KEYS, QUERIES
from attnviz.score import Array, Bias, Intervals, ScoreRule

Row = dict[str, Any]


class _Lists:
    """A list column as NumPy: values and offsets, so that a row is a view."""

    def __init__(self, column: pa.ChunkedArray) -> None:
        array = column.combine_chunks()
        if isinstance(array, pa.ChunkedArray):
            array = pa.concat_arrays(array.chunks)
        self._values = array.values.to_numpy(zero_copy_only=False)
        self._offsets = array.offsets.to_numpy()
        self._valid = array.is_valid().to_numpy(zero_copy_only=False)

    def __getitem__(self, row: int) -> Array | None:
        if not self._valid[row]:
            return None
        own: Array = self._values[self._offsets[row] : self._offsets[row + 1]]
        return own


class AttentionTable:
    """One attention shard, opened: its rows by (side, head, document)."""

    def __init__(self, encoding: str, table: pa.Table) -> None:
        self.encoding = encoding
        side = (
            table["side"].to_pylist()
            if "side" in table.column_names
            else [QUERIES] * table.num_rows
        )
        head, document = table["head"].to_pylist(), table["document"].to_pylist()
        self._start, self._rows = table["start"].to_pylist(), table["rows"].to_pylist()
        self._index: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for row, key in enumerate(zip(side, head, document, strict=True)):
            self._index[key].append(row)
        names = [
            n
            for n in ("codes", "mass", "scale", "lse", "mean", "balance")
            if n in table.column_names
        ]
        self._lists = {name: _Lists(table[name]) for name in names}

    def rows(self, side: int, head: int, document: int) -> list[Row]:
        """The rows of one side, head and document that this shard holds."""
        return [
            {"start": self._start[row], "rows": self._rows[row]}
            | {n: column[row] for n, column in self._lists.items()}
            for row in self._index.get((side, head, document), [])
        ]


def _joined(rows: Sequence[Row], column: str) -> Array | None:
    parts = [row[column] for row in rows]
    return None if parts[0] is None else np.concatenate(parts)


def gather(
    tables: Iterable[AttentionTable], side: int, head: int, document: int, tokens: int
) -> list[Row]:
    """The rows of one side, head and document from all shards, in order of tokens.

    LookupError where they do not follow on from one another up to the last token.
    """
    rows = sorted(
        (r for t in tables for r in t.rows(side, head, document)), key=lambda row: row["start"]
    )
    where, covered = f"head {head}, document {document}", 0
    for row in rows:
        if row["start"] != covered:
            raise LookupError(f"{where}: row {row['start']} of attention follows row {covered}")
        covered += row["rows"]
    if covered != tokens:
        raise LookupError(f"{where}: {covered} rows of attention for {tokens} tokens")
    return rows


def decode_dense_head(rows: list[Row], intervals: Intervals) -> Array:
    """Attention (T, K), float64."""
    allowed = intervals.allowed()
    stored = _joined(rows, "codes")
    assert stored is not None
    codes = np.zeros(allowed.shape, stored.dtype)
    codes[allowed] = stored
    mass = _joined(rows, "mass")
    decoded: Array = decode_dense(codes[None], intervals, None if mass is None else mass[None])[0]
    return decoded


def query_key_head(queries: list[Row], keys: list[Row]) -> QueryKeyCodes:
    """The codes of one head: shapes as in `QueryKeyCodes` with one head and one kv head."""
    mean, balance = keys[0]["mean"], keys[0]["balance"]
    size = len(mean)

    def one(rows: list[Row], column: str) -> Array | None:
        joined = _joined(rows, column)
        return None if joined is None else joined[None]

    q, k, lse = one(queries, "codes"), one(keys, "codes"), one(queries, "lse")
    assert q is not None
    assert k is not None
    assert lse is not None
    return QueryKeyCodes(
        q_codes=q.reshape(1, -1, size),
        q_scale=one(queries, "scale"),
        k_codes=k.reshape(1, -1, size),
        k_scale=one(keys, "scale"),
        mean=mean[None],
        balance=balance[None],
        lse=lse,
    )


def decode_head(
    tables: Iterable[AttentionTable],
    encoding: str,
    head: int,
    kv_head: int,
    document: int,
    rule: ScoreRule,
    intervals: Intervals,
    bias: Bias | None = None,
    rows: slice = slice(None),
) -> Array:
    """Attention (rows, K), float64, of one head on one document, from the shards that hold it.

    `intervals` are those of all rows, `bias` is that of the one head.
    """
    tables = list(tables)
    queries = gather(tables, QUERIES, head, document, len(intervals.lo))
    if encoding in DENSE_TYPES:
        return decode_dense_head(queries, intervals)[rows]
    codes = query_key_head(queries, gather(tables, KEYS, kv_head, document, intervals.keys))
    decoded: Array = codes.rows(rows).attention(rule, intervals.rows(rows), bias)[0]
    return decoded
