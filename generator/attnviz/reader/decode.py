"""Attention shards read: Arrow rows of codes back to the attention of one head on one document."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pyarrow as pa

from attnviz.encoding import DENSE_TYPES, QueryKeyCodes, decode_dense
from attnviz.format.columns import KEYS, QUERIES
from attnviz.rice import RiceCodes, unpack
from attnviz.score import Array, Bias, Intervals, ScoreRule

Row = dict[str, Any]

_LIST_COLUMNS = (
    "codes", "mass", "scale", "lse", "mean", "balance", "step", "offset", "width", "high", "low",
)  # fmt: skip


class _ListColumn:
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
        values: Array = self._values[self._offsets[row] : self._offsets[row + 1]]
        return values


class AttentionTable:
    """One attention shard, opened: its rows by (side, head, document)."""

    def __init__(self, encoding: str, table: pa.Table) -> None:
        self.encoding = encoding
        head, document = table["head"].to_pylist(), table["document"].to_pylist()
        has_sides = "side" in table.column_names
        side = table["side"].to_pylist() if has_sides else [QUERIES] * table.num_rows
        self._start, self._rows = table["start"].to_pylist(), table["rows"].to_pylist()
        self._index: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for row, key in enumerate(zip(side, head, document, strict=True)):
            self._index[key].append(row)
        self._units = table["unit"].to_pylist() if "unit" in table.column_names else None
        self._lists = {
            name: _ListColumn(table[name]) for name in _LIST_COLUMNS if name in table.column_names
        }

    def rows(self, side: int, head: int, document: int) -> list[Row]:
        """The rows of one side, head and document that this shard holds."""
        return [self._row(row) for row in self._index.get((side, head, document), [])]

    def _row(self, number: int) -> Row:
        row = {name: column[number] for name, column in self._lists.items()}
        if self._units is not None and row["lse"] is not None:
            row["lse"] = row["lse"] * self._units[number]
        return {"start": self._start[number], "rows": self._rows[number]} | row


def gather(
    tables: Iterable[AttentionTable], side: int, *, head: int, document: int, tokens: int
) -> list[Row]:
    """The rows of one side, head and document from all shards, in order of tokens.

    Raises LookupError if they do not follow on from one another up to the last token.
    """
    rows = sorted(
        (row for table in tables for row in table.rows(side, head, document)),
        key=lambda row: row["start"],
    )
    where, covered = f"head {head}, document {document}", 0
    for row in rows:
        if row["start"] != covered:
            raise LookupError(f"{where}: row {row['start']} of attention follows row {covered}")
        covered += row["rows"]
    if covered != tokens:
        raise LookupError(f"{where}: {covered} rows of attention for {tokens} tokens")
    return rows


def _joined(rows: Sequence[Row], column: str) -> Array | None:
    parts = [row[column] for row in rows]
    return None if parts[0] is None else np.concatenate(parts)


def decode_dense_head(rows: list[Row], intervals: Intervals) -> Array:
    """Attention (T, K), float64."""
    allowed = intervals.allowed()
    stored = _joined(rows, "codes")
    assert stored is not None
    if stored.size != allowed.sum():
        raise LookupError(f"{stored.size} codes of attention for {allowed.sum()} entries")
    codes = np.zeros(allowed.shape, stored.dtype)
    codes[allowed] = stored
    mass = _joined(rows, "mass")
    decoded: Array = decode_dense(codes[None], intervals, None if mass is None else mass[None])[0]
    return decoded


def _require_sizes(rows: Sequence[Row], channels: int) -> None:
    """Raises LookupError where a row's lists are not one value per token, channel or both."""
    for row in rows:
        tokens = row["rows"]
        sizes = {"codes": tokens * channels, "scale": tokens, "lse": tokens}
        sizes |= dict.fromkeys(("balance", "step", "offset", "width"), channels)
        for name, size in sizes.items():
            if row.get(name) is not None and len(row[name]) != size:
                raise LookupError(f"{len(row[name])} values of {name} where {size} are expected")


def query_key_head(queries: list[Row], keys: list[Row]) -> QueryKeyCodes:
    """The codes of one head: shapes as in `QueryKeyCodes` with one head and one kv head."""
    mean, is_packed = keys[0]["mean"], "width" in keys[0]
    size = len(mean)
    for side in (queries, keys):
        _require_sizes(side, size)

    def optional(rows: list[Row], column: str) -> Array | None:
        joined = _joined(rows, column) if column in rows[0] else None
        return None if joined is None else joined[None]  # (1, …)

    lse = optional(queries, "lse")
    assert lse is not None
    return QueryKeyCodes(
        q_codes=_codes(queries, size),
        q_scale=optional(queries, "scale"),
        k_codes=_codes(keys, size),
        k_scale=optional(keys, "scale"),
        mean=mean[None],
        balance=np.ones_like(mean)[None] if is_packed else keys[0]["balance"][None],
        lse=lse,
        q_step=queries[0]["step"][None] if is_packed else None,
        k_step=keys[0]["step"][None] if is_packed else None,
    )


def _codes(rows: Sequence[Row], channels: int) -> Array:
    """The codes of one side, (1, tokens, channels)."""
    if "width" not in rows[0]:
        joined = _joined(rows, "codes")
        assert joined is not None
        return joined.reshape(1, -1, channels)
    parts = [
        unpack(RiceCodes(*(row[name] for name in ("offset", "width", "high", "low"))), row["rows"])
        for row in rows
    ]
    return np.concatenate(parts)[None]


def open_head(
    tables: Iterable[AttentionTable],
    encoding: str,
    *,
    head: int,
    kv_head: int,
    document: int,
    intervals: Intervals,
) -> tuple[Array | None, QueryKeyCodes | None]:
    """What shards hold of one head on one document: attention (T, K), float64, or else codes."""
    tables = list(tables)
    queries = gather(tables, QUERIES, head=head, document=document, tokens=len(intervals.lo))
    if encoding in DENSE_TYPES:
        return decode_dense_head(queries, intervals), None
    keys = gather(tables, KEYS, head=kv_head, document=document, tokens=intervals.keys)
    return None, query_key_head(queries, keys)


def decode_head(
    tables: Iterable[AttentionTable],
    encoding: str,
    *,
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
    dense, codes = open_head(
        tables, encoding, head=head, kv_head=kv_head, document=document, intervals=intervals
    )
    if codes is None:
        assert dense is not None
        return dense[rows]
    decoded: Array = codes.rows(rows).attention(rule, intervals.rows(rows), bias)[0]
    return decoded
