"""One document's attention in one layer as Arrow rows of codes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnviz.capture.result import Layer, LayerDocument
from attnviz.encoding import DENSE_TYPES, QueryKeyCodes, encode_dense, lse_unit
from attnviz.format.columns import KEYS, QUERIES
from attnviz.format.shards import TARGET
from attnviz.reader.decode import Row
from attnviz.rice import pack
from attnviz.score import Array, Intervals
from attnviz.writer.coding import Coding
from attnviz.writer.encoding_choice import query_key_codes


def encode_document(
    layer: Layer, document: LayerDocument, encoding: str, codings: Sequence[Coding]
) -> Iterator[Row]:
    """The rows of those of the layer's kv heads whose coding, among `codings`, is in this
    encoding."""
    kv_heads = [head for head, coding in enumerate(codings) if coding.encoding == encoding]
    if encoding in DENSE_TYPES:
        yield from _dense_rows(layer, document, encoding, kv_heads)
        return
    noise = np.array([coding.noise or 1.0 for coding in codings])
    codes = query_key_codes(document, encoding, noise)
    for kv_head in kv_heads:
        yield from _query_key_rows(layer, kv_head, document.document, codes.heads(kv_head))


def _dense_rows(
    layer: Layer, document: LayerDocument, encoding: str, kv_heads: list[int]
) -> Iterator[Row]:
    for intervals, a in document.blocks():  # a: (head, row, key)
        codes = encode_dense(a, encoding)
        mass = None if document.sinks is None else np.nan_to_num(a.sum(-1)).astype(np.float32)
        for kv_head in kv_heads:
            for head in range(kv_head * layer.group, (kv_head + 1) * layer.group):
                sums = None if mass is None else mass[head]
                place = {"head": layer.numbers[head], "document": document.document}
                for row in _dense_head_rows(codes[head], sums, intervals):
                    yield place | row


def _dense_head_rows(codes: Array, mass: Array | None, intervals: Intervals) -> Iterator[Row]:
    """Codes (row, key) of one head, those of allowed keys one after another."""
    visible = (intervals.hi - intervals.lo).clip(0) * codes.itemsize
    allowed = intervals.allowed()
    for first, end in _pieces(visible):
        yield {
            "start": intervals.first + first,
            "rows": end - first,
            "codes": codes[first:end][allowed[first:end]],
            "mass": None if mass is None else mass[first:end],
        }


def _query_key_rows(
    layer: Layer, kv_head: int, document: int, codes: QueryKeyCodes
) -> Iterator[Row]:
    """The queries of a kv head's group, then its keys."""
    group = len(codes.q_codes)
    for query_head in range(group):
        yield from _vector_rows(
            {"side": QUERIES, "head": layer.numbers[kv_head * group + query_head]},
            document,
            codes=codes.q_codes[query_head],
            scale=None if codes.q_scale is None else codes.q_scale[query_head],
            lse=codes.lse[query_head],
            channels=_of_channels(codes, codes.q_step) | {"mean": None},
        )
    yield from _vector_rows(
        {"side": KEYS, "head": layer.kv_numbers[kv_head]},
        document,
        codes=codes.k_codes[0],
        scale=None if codes.k_scale is None else codes.k_scale[0],
        lse=None,
        channels=_of_channels(codes, codes.k_step) | {"mean": codes.mean[0]},
    )


def _of_channels(codes: QueryKeyCodes, step: Array | None) -> Row:
    """What one kv head's codes have one of a channel: steps, or a balance."""
    return {"balance": codes.balance[0]} if step is None else {"step": step[0]}


def _vector_rows(
    place: Row,
    document: int,
    *,
    codes: Array,
    scale: Array | None,
    lse: Array | None,
    channels: Row,
) -> Iterator[Row]:
    """Codes (token, channel) of one side of one head."""
    for first, end in _pieces(np.full(len(codes), codes[0].nbytes)):
        row = place | {"document": document, "start": first, "rows": end - first} | channels
        row["lse"] = None if lse is None else lse[first:end]
        if "step" in channels:
            yield row | vars(pack(codes[first:end])) | _in_units(lse, first, end)
        else:
            scales = None if scale is None else scale[first:end]
            yield row | {"codes": codes[first:end].ravel(), "scale": scales}


def _in_units(lse: Array | None, first: int, end: int) -> Row:
    """The log-sum-exp of some rows in whole units."""
    if lse is None:
        return {"lse": None, "unit": 1.0}
    unit = lse_unit(lse)[0]
    return {"lse": np.rint(lse[first:end] / unit).astype(np.int32), "unit": unit}


def _pieces(sizes: Array) -> Iterator[tuple[int, int]]:
    """Token ranges of at most about 300 kB each."""
    ends = np.cumsum(sizes)
    first = 0
    while first < len(sizes):
        base = ends[first - 1] if first else 0
        end = max(int(np.searchsorted(ends, base + TARGET, "right")), first + 1)
        yield first, end
        first = end
