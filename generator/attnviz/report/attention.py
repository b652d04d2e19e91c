"""Attention shards: the codes of a layer as Arrow rows, and back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np
import pyarrow as pa

from attnviz.capture import Layer, LayerDocument
from attnviz.encoding import (
    DENSE_TYPES,
    ENCODINGS,
    Errors,
    QueryKeyCodes,
    choose_encodings,
    decode_dense,
    dense_round_trip,
    encode_dense,
    encode_query_key,
    stored_bytes,
)
from attnviz.errors import InputError
from attnviz.report.schema import ATTENTION
from attnviz.report.shards import SPLIT_ABOVE, TARGET, ShardFolder, cut
from attnviz.score import Array, Bias, Intervals, ScoreRule

QUERIES: Final = 0
KEYS: Final = 1
# The certificate is measured against eager attention, the choice against our own float32 attention, which differs
# from it by some 1e-6: the choice keeps this much away from the bound.
_MARGIN: Final = 0.99
# Documents of more rows than this are measured on a sample, and their certificate says so.
ALL_ROWS: Final = 2048
SAMPLED_ROWS: Final = 512
_BLOCK: Final = 16


@dataclass(frozen=True)
class LayerSource:
    """A captured layer as the encoder needs it. `documents` streams the documents, as often as it is called."""

    name: str
    layer: Layer
    documents: Callable[[], Iterable[LayerDocument]]

    @property
    def encodings(self) -> tuple[str, ...]:
        """What the layer can be stored as: attention without queries and keys only as it is."""
        return ENCODINGS if self.layer.vectors else tuple(DENSE_TYPES)


def choose(source: LayerSource, groups: Array, bounds: tuple[float, float]) -> list[list[str]]:
    """The encoding of each document group (outer) and kv head (inner); the first that fits for groups without tokens.

    InputError where nothing is within the bounds.
    """
    chosen = []
    for group in range(int(groups.max()) + 1 if len(groups) else 0):
        own, figures = _choose_group(source, groups, group, (bounds[0] * _MARGIN, bounds[1] * _MARGIN))
        if missing := [head for head, encoding in enumerate(own) if encoding is None]:
            head = missing[0]
            raise InputError(
                f"{source.name}, kv head {head}: no encoding is within the corpus's fidelity bound: total variation "
                f"{figures[0][head]:.2g} (bound {bounds[0]:g}), largest error {figures[1][head]:.2g} "
                f"(bound {bounds[1]:g}); set fidelity.total_variation and fidelity.max_error higher"
            )
        chosen.append([encoding or "" for encoding in own])
    return chosen


def _choose_group(
    source: LayerSource, groups: Array, group: int, bounds: tuple[float, float]
) -> tuple[list[str | None], tuple[Array, Array]]:
    layer = source.layer
    costs = dict.fromkeys(source.encodings, 0)
    for own in source.documents():
        if groups[own.document] == group:
            for encoding in costs:
                costs[encoding] += stored_bytes(encoding, own.intervals, layer.group, layer.head_size)

    def measure(encoding: str) -> tuple[Array, Array]:
        errors = Errors.none(layer.heads)
        for own in source.documents():
            if groups[own.document] == group:
                errors.merge(_measure(own, layer.heads, encoding))
        return errors.by_group(layer.group)

    return choose_encodings(costs, measure, layer.kv_heads, bounds)


def _measure(own: LayerDocument, heads: int, encoding: str) -> Errors:
    """Errors of one document in this encoding, on all its rows or on the sample of a long one."""
    errors = Errors.none(heads)
    dense = encoding in DENSE_TYPES
    codes = None if dense else _codes(own, encoding)
    for rows in measured_rows(own.intervals, heads):
        visible, a = own.intervals.rows(rows), own.attention(rows)
        if codes is None:
            decoded = dense_round_trip(a, visible, own.sinks is not None, encoding)
        else:
            decoded = codes.rows(rows).attention(own.rule, visible, own.bias)
        errors.add(a, decoded, visible.defined)
    return errors


def measured_rows(intervals: Intervals, heads: int) -> list[slice]:
    """The blocks of rows that an error is measured on: all of a document, or of a long one some, spread evenly."""
    count = len(intervals.lo)
    if count <= ALL_ROWS:
        return intervals.blocks(heads)
    step = count / (SAMPLED_ROWS // _BLOCK)
    return [slice(int(i * step), int(i * step) + _BLOCK) for i in range(SAMPLED_ROWS // _BLOCK)]


def _codes(own: LayerDocument, encoding: str) -> QueryKeyCodes:
    return encode_query_key(own.q, own.k, own.rule, own.intervals, own.sinks, encoding, own.bias)


Row = dict[str, Any]


def write_layer(
    source: LayerSource, groups: Array, chosen: list[list[str]], shards: ShardFolder, stem: str, **place: Any
) -> None:
    """Encode a layer's documents as chosen and write them, one encoding a shard.

    `place` is the manifest entries' model, stack and layer.
    """
    rows: dict[str, list[tuple[int, Row]]] = defaultdict(list)
    for own in source.documents():
        names = chosen[groups[own.document]]
        for encoding in dict.fromkeys(names):
            heads = [kv_head for kv_head, name in enumerate(names) if name == encoding]
            rows[encoding] += _encode(source.layer, own, encoding, heads)
    for encoding in sorted(rows, key=ENCODINGS.index):
        ordered = sorted(rows[encoding], key=_order)
        for part, (first, end) in enumerate(_ranges(ordered)):
            block = ordered[first:end]
            kv = [kv_head for kv_head, _ in block]
            documents = [row["document"] for _, row in block]
            columns = {name: [row[name] for _, row in block] for name in ATTENTION[encoding].names}
            shards.add(
                f"{stem}-{encoding}-{part}", "attention", columns, encoding=encoding,
                kv_heads=(min(kv), max(kv) + 1), documents=(min(documents), max(documents) + 1), **place,
            )  # fmt: skip


def _order(entry: tuple[int, Row]) -> tuple[int, ...]:
    kv_head, row = entry
    return kv_head, row["document"], row.get("side", 0), row["head"], row["start"]


def _ranges(ordered: list[tuple[int, Row]]) -> Iterator[tuple[int, int]]:
    """Rows to shards: whole kv heads together up to about 1 MB, a larger kv head by its documents."""
    sizes = [sum(np.asarray(v).nbytes for v in row.values() if v is not None) for _, row in ordered]
    starts = [i for i, (kv, _) in enumerate(ordered) if i == 0 or ordered[i - 1][0] != kv] + [len(ordered)]
    per_head = [sum(sizes[a:b]) for a, b in pairwise(starts)]
    for first, end in cut(per_head):
        a, b = starts[first], starts[end]
        if end - first == 1 and per_head[first] > SPLIT_ABOVE:
            yield from ((a + x, a + y) for x, y in cut(sizes[a:b]))
        else:
            yield a, b


def _encode(layer: Layer, own: LayerDocument, encoding: str, kv_heads: list[int]) -> Iterator[tuple[int, Row]]:
    """(kv head's number, row) of one document for these kv heads of the layer's own."""
    if encoding not in DENSE_TYPES:
        codes = _codes(own, encoding)
        for kv_head in kv_heads:
            for row in _query_key_rows(layer, kv_head, own.document, codes.heads(kv_head)):
                yield layer.kv_numbers[kv_head], row
        return
    for intervals, a in own.blocks():
        codes_of = encode_dense(a, encoding)
        mass = None if own.sinks is None else np.nan_to_num(a.sum(-1)).astype(np.float32)
        for kv_head in kv_heads:
            for head in range(kv_head * layer.group, (kv_head + 1) * layer.group):
                own_mass = None if mass is None else mass[head]
                for row in _dense_rows(layer.numbers[head], own.document, codes_of[head], own_mass, intervals):
                    yield layer.kv_numbers[kv_head], row


def _dense_rows(head: int, document: int, codes: Array, mass: Array | None, intervals: Intervals) -> Iterator[Row]:
    visible = (intervals.hi - intervals.lo).clip(0) * codes.itemsize
    allowed = intervals.allowed()
    for first, end in _pieces(visible):
        yield {
            "head": head, "document": document, "start": intervals.first + first, "rows": end - first,
            "codes": codes[first:end][allowed[first:end]],
            "mass": None if mass is None else mass[first:end],
        }  # fmt: skip


def _query_key_rows(layer: Layer, kv_head: int, document: int, codes: QueryKeyCodes) -> Iterator[Row]:
    group = len(codes.q_codes)
    balance, mean = codes.balance[0], codes.mean[0]
    for own in range(group):
        scale = None if codes.q_scale is None else codes.q_scale[own]
        yield from _vector_rows(
            QUERIES,
            layer.numbers[kv_head * group + own],
            document,
            codes.q_codes[own],
            scale,
            codes.lse[own],
            None,
            balance,
        )
    scale = None if codes.k_scale is None else codes.k_scale[0]
    yield from _vector_rows(KEYS, layer.kv_numbers[kv_head], document, codes.k_codes[0], scale, None, mean, balance)


def _vector_rows(
    side: int,
    head: int,
    document: int,
    codes: Array,
    scale: Array | None,
    lse: Array | None,
    mean: Array | None,
    balance: Array,
) -> Iterator[Row]:
    for first, end in _pieces(np.full(len(codes), codes[0].nbytes)):
        yield {
            "side": side, "head": head, "document": document, "start": first, "rows": end - first,
            "codes": codes[first:end].ravel(),
            "scale": None if scale is None else scale[first:end],
            "lse": None if lse is None else lse[first:end],
            "mean": mean, "balance": balance,
        }  # fmt: skip


def _pieces(sizes: Array) -> Iterator[tuple[int, int]]:
    """Token ranges of at most about 1 MB each."""
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        base = ends[first - 1] if first else 0
        end = max(int(np.searchsorted(ends, base + TARGET, "right")), first + 1)
        yield first, end
        first = end


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
        side = table["side"].to_pylist() if "side" in table.column_names else [QUERIES] * table.num_rows
        head, document = table["head"].to_pylist(), table["document"].to_pylist()
        self._start, self._rows = table["start"].to_pylist(), table["rows"].to_pylist()
        self._index: dict[tuple[int, int, int], list[int]] = defaultdict(list)
        for row, key in enumerate(zip(side, head, document, strict=True)):
            self._index[key].append(row)
        names = [n for n in ("codes", "mass", "scale", "lse", "mean", "balance") if n in table.column_names]
        self._lists = {name: _Lists(table[name]) for name in names}

    def rows(self, side: int, head: int, document: int) -> list[Row]:
        """The rows of one side, head and document that this shard holds."""
        return [
            {"start": self._start[row], "rows": self._rows[row]} | {n: column[row] for n, column in self._lists.items()}
            for row in self._index.get((side, head, document), [])
        ]


def _joined(rows: Sequence[Row], column: str) -> Array | None:
    parts = [row[column] for row in rows]
    return None if parts[0] is None else np.concatenate(parts)


def gather(tables: Iterable[AttentionTable], side: int, head: int, document: int, tokens: int) -> list[Row]:
    """The rows of one side, head and document from all shards, in order of tokens. LookupError if any is missing."""
    rows = sorted((r for t in tables for r in t.rows(side, head, document)), key=lambda row: row["start"])
    if sum(row["rows"] for row in rows) != tokens:
        raise LookupError(f"head {head}, document {document}: rows are missing from the attention shards")
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
        q.reshape(1, -1, size), one(queries, "scale"), k.reshape(1, -1, size), one(keys, "scale"),
        mean[None], balance[None], lse,
    )  # fmt: skip


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
