"""Bytes that vectors in full take."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from attnviz.capture.result import Layer
from attnviz.score import Array


def vectors_bytes(
    layer: Layer, lengths: Mapping[str, Array], documents: Collection[int], turned: bool
) -> int:
    """About how many bytes a layer's queries and keys of some documents take in float32, twice
    where rotary embedding has `turned` them; `lengths` are those of all documents by axis."""
    if not layer.vectors:
        return 0
    chosen = sorted(documents)
    queries, keys = (
        int(lengths[axis][chosen].sum()) for axis in (layer.query_axis, layer.key_axis)
    )
    vectors = queries * layer.heads + keys * layer.kv_heads
    return 4 * layer.head_size * vectors * (1 + turned)
