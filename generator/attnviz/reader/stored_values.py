"""The lengths of values that a report holds."""

from __future__ import annotations

import numpy as np

from attnviz.errors import InputError
from attnviz.format.manifest import CapturedModule, Head, Model, ValueLengths
from attnviz.reader.selecting import axis_of, stack_of
from attnviz.reader.store import ShardStore
from attnviz.reader.unfit import naming
from attnviz.score import Array
from attnviz.value_lengths import LengthCodes


def lengths_entry(model: Model, head: Head) -> ValueLengths | None:
    """What the manifest says of the lengths of a head's values; None where it says nothing."""
    return next((module.values for module in model.captures if _is_of(module, head)), None)


def _is_of(module: CapturedModule, head: Head) -> bool:
    return (module.stack, module.layer) == (head.stack, head.layer)


def value_lengths(store: ShardStore, model: Model, head: Head, document: int) -> Array:
    """‖v‖ of each key of a document, (keys,), float64. Raises InputError if the report has none of
    the head; ReportError where the shard does not fit."""
    entry = lengths_entry(model, head)
    if entry is None:
        raise InputError(
            f"{model.name} {model.head_id(head)}: this report has no lengths of values: they are"
            " not known of this layer, or the report is of an attnviz that did not keep them"
        )
    lengths = store.lengths(axis_of(model, stack_of(model, head).key_axis))
    shard, first = store.covering("values", entry.shards, document)
    with naming(store.manifest, [shard]):
        table = store.table(shard)
        row = table["head"].to_pylist().index(head.kv_head)
        codes = table["codes"][row].values.to_numpy()
        _, end = store.manifest.shards[shard].documents or (0, 0)
        if len(codes) != lengths[first:end].sum():
            raise ValueError(f"{len(codes)} lengths of values for {lengths[first:end].sum()} keys")
        start = int(lengths[first:document].sum())
        lo, hi = (float(table[name][row].as_py()) for name in ("lo", "hi"))
        if not 0 < lo <= hi < np.inf:
            raise ValueError(f"lengths of values from {lo} to {hi}")
        return LengthCodes(codes[start : start + lengths[document]], lo, hi).lengths()
