"""Attention shards written: an encoding chosen for each group of documents, and the codes as Arrow
rows."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Final

import numpy as np

from attnviz.capture import Layer, LayerDocument
from attnviz.encoding import (
    DENSE_TYPES,
    ENCODINGS,
    Errors,
    QueryKeyCodes,
    choose_encodings,
    dense_round_trip,
    encode_dense,
    encode_query_key,
    stored_bytes,
)
from attnviz.errors import InputError
from attnviz.format.columns import ENCODINGS as TABLES
from attnviz.format.columns import KEYS, QUERIES
from attnviz.format.shards import SPLIT_ABOVE, TARGET, ShardFolder, cut
from attnviz.reader.decode import Row
from attnviz.score import Array, Intervals

# The certificate is measured against eager attention, the choice against our own float32 attention,
# which differs from it by some 1e-6: the choice keeps this much away from the bound.
_MARGIN: Final = 0.99
# Documents of more rows than this are measured on a sample, and their certificate says so.
ALL_ROWS: Final = 2048
SAMPLED_ROWS: Final = 512
_BLOCK: Final = 16


@dataclass(frozen=True)
class LayerSource:
    """A captured layer as the encoder needs it. `documents` streams the documents, as often as it
    is called."""

    name: str
    layer: Layer
    documents: Callable[[], Iterable[LayerDocument]]

    @property
    def encodings(self) -> tuple[str, ...]:
        """What the layer can be stored as: attention without queries and keys only as it is."""
        return ENCODINGS if self.layer.vectors else tuple(DENSE_TYPES)


def choose(source: LayerSource, groups: Array, bounds: tuple[float, float]) -> list[list[str]]:
    """The encoding of each document group (outer) and kv head (inner); the first that fits for
    groups without tokens.

    Raises InputError if nothing is within the bounds.
    """
    encodings = []
    nearer = (bounds[0] * _MARGIN, bounds[1] * _MARGIN)
    for group in range(int(groups.max()) + 1 if len(groups) else 0):
        names, (variation, error) = _choose_group(source, groups, group, nearer)
        if missing := [head for head, encoding in enumerate(names) if encoding is None]:
            head = missing[0]
            raise InputError(
                f"{source.name}, kv head {source.layer.kv_numbers[head]}: no encoding is within the"
                f" corpus's fidelity bound: total variation {variation[head]:.2g} (bound"
                f" {bounds[0]:g}), largest error {error[head]:.2g} (bound {bounds[1]:g}); set"
                " fidelity.total_variation and fidelity.max_error higher"
            )
        encodings.append([encoding or "" for encoding in names])
    return encodings


def _choose_group(
    source: LayerSource, groups: Array, group: int, bounds: tuple[float, float]
) -> tuple[list[str | None], tuple[Array, Array]]:
    layer = source.layer
    costs = dict.fromkeys(source.encodings, 0)
    for own in source.documents():
        if groups[own.document] == group:
            for encoding in costs:
                costs[encoding] += stored_bytes(
                    encoding, own.intervals, layer.group, layer.head_size
                )

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
    measured = measured_rows(own.intervals, heads)
    codes = None if dense else _codes(own, encoding, measured)
    for rows in measured:
        visible, a = own.intervals.rows(rows), own.attention(rows)
        if codes is None:
            decoded = dense_round_trip(a, visible, own.sinks is not None, encoding)
        else:
            decoded = codes.rows(rows).attention(own.rule, visible, own.bias)
        errors.add(a, decoded, visible.defined)
    return errors


def measured_rows(intervals: Intervals, heads: int) -> list[slice]:
    """The blocks of rows that an error is measured on: all of a document, or of a long one some,
    spread evenly."""
    count = len(intervals.lo)
    if count <= ALL_ROWS:
        return intervals.blocks(heads)
    step = count / (SAMPLED_ROWS // _BLOCK)
    return [slice(int(i * step), int(i * step) + _BLOCK) for i in range(SAMPLED_ROWS // _BLOCK)]


def _codes(own: LayerDocument, encoding: str, rows: Sequence[slice] | None = None) -> QueryKeyCodes:
    return encode_query_key(
        own.q,
        own.k,
        own.rule,
        own.intervals,
        encoding=encoding,
        sinks=own.sinks,
        bias=own.bias,
        rows=rows,
    )


def write_layer(
    source: LayerSource,
    groups: Array,
    chosen: list[list[str]],
    shards: ShardFolder,
    stem: str,
    **place: Any,
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
    """Rows to shards: whole kv heads together up to about 1 MB, a larger kv head by its
    documents."""
    sizes = [sum(np.asarray(v).nbytes for v in row.values() if v is not None) for _, row in ordered]
    starts = [i for i, (kv, _) in enumerate(ordered) if i == 0 or ordered[i - 1][0] != kv] + [
        len(ordered)
    ]
    per_head = [sum(sizes[a:b]) for a, b in pairwise(starts)]
    for first, end in cut(per_head):
        a, b = starts[first], starts[end]
        if end - first == 1 and per_head[first] > SPLIT_ABOVE:
            yield from ((a + x, a + y) for x, y in cut(sizes[a:b]))
        else:
            yield a, b


def _encode(
    layer: Layer, own: LayerDocument, encoding: str, kv_heads: list[int]
) -> Iterator[tuple[int, Row]]:
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
                for row in _dense_rows(
                    layer.numbers[head], own.document, codes_of[head], own_mass, intervals
                ):
                    yield layer.kv_numbers[kv_head], row


def _dense_rows(
    head: int, document: int, codes: Array, mass: Array | None, intervals: Intervals
) -> Iterator[Row]:
    visible = (intervals.hi - intervals.lo).clip(0) * codes.itemsize
    allowed = intervals.allowed()
    for first, end in _pieces(visible):
        yield {
            "head": head,
            "document": document,
            "start": intervals.first + first,
            "rows": end - first,
            "codes": codes[first:end][allowed[first:end]],
            "mass": None if mass is None else mass[first:end],
        }


def _query_key_rows(
    layer: Layer, kv_head: int, document: int, codes: QueryKeyCodes
) -> Iterator[Row]:
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
    yield from _vector_rows(
        KEYS, layer.kv_numbers[kv_head], document, codes.k_codes[0], scale, None, mean, balance
    )


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
