"""Layers that were given, kept as calls of a batch: a step of the build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from attnviz.capture.calls import GIVEN, AttentionCall, Recorded
from attnviz.engine.step import folder_step
from attnviz.importers.given import GivenLayer
from attnviz.score import Array, mask_intervals


@folder_step("given attention")
def keep_given(into: Path, depth: int, layers: Sequence[GivenLayer]) -> int:
    """Write the layers of one document as calls of a batch; returns their number. `depth` is the
    number of layers of the model's stacks."""
    recorded = Recorded()
    for number, layer in enumerate(layers):
        recorded.calls.append(_record(number, layer, recorded, depth))
    recorded.save(into)
    return len(layers)


def _record(number: int, layer: GivenLayer, recorded: Recorded, depth: int) -> AttentionCall:
    """The call of a layer; its arrays are added to those recorded."""
    vectors = layer.q is not None and layer.k is not None
    heads, queries, keys = _shape(layer)
    intervals = mask_intervals(layer.mask, queries, keys)
    lo, hi = intervals.lo, intervals.hi
    if layer.a is not None and layer.missing:
        empty = ~layer.a.any((0, 2))  # nothing of these rows was kept
        lo, hi = np.where(empty, 0, lo), np.where(empty, 0, hi)
    recorded.arrays |= {f"lo{number}": lo, f"hi{number}": hi}
    if vectors:
        recorded.arrays |= {f"q{number}": _array(layer.q), f"k{number}": _array(layer.k)}
    else:
        recorded.arrays[f"a{number}-0"] = _array(layer.a)
    return AttentionCall(
        module=f"{layer.stack or layer.query_axis}.{layer.layer}",
        module_call=0,
        line=GIVEN,
        stack=layer.stack,
        query_axis=layer.query_axis,
        key_axis=layer.key_axis,
        heads=heads,
        kv_heads=len(layer.k) if vectors and layer.k is not None else heads,
        head_size=layer.q.shape[2] if vectors and layer.q is not None else 0,
        scaling=layer.scaling,
        softcap=layer.softcap,
        sinks=(0.0,) * heads if layer.missing else None,
        mask=number,
        bias=None,
        bias_kind=None,
        vectors=vectors,
        reason=None if vectors else layer.reason,
        layer=layer.layer,
        layers=depth,
    )


def _shape(layer: GivenLayer) -> tuple[int, int, int]:
    """Heads, queries and keys."""
    if layer.q is not None and layer.k is not None:
        return layer.q.shape[0], layer.q.shape[1], layer.k.shape[1]
    return _array(layer.a).shape


def _array(array: Array | None) -> Array:
    if array is None:
        raise ValueError("a layer has neither attention nor queries and keys")
    return np.ascontiguousarray(array, np.float32)
