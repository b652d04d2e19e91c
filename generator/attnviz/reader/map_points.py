"""Map coordinates out of a report's shards."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnviz.errors import InputError, ReportError
from attnviz.format.manifest import AxisEntry, Head, MapFigures, Model
from attnviz.reader.selecting import axis_of, stack_of
from attnviz.reader.store import ShardStore
from attnviz.reader.unfit import naming
from attnviz.score import Array


def map_points(
    store: ShardStore, model: Model, head: Head, method: str, dimensions: int
) -> tuple[Array, Array]:
    """Coordinates of queries and of keys, each (tokens, dimensions) in corpus order; NaN where not
    sampled. Raises InputError if the head has no such map."""
    name = f"{method}-{dimensions}d"
    find_map(head, method, dimensions)
    shard, row = map_row(store, model, head, name)
    stack = stack_of(model, head)
    axes = [axis_of(model, axis) for axis in (stack.query_axis, stack.key_axis)]
    with naming(store.manifest, [shard, *(axis.sample.shard for axis in axes)]):
        return _points(store, axes[0], row, "queries"), _points(store, axes[1], row, "keys")


def find_map(head: Head, method: str, dimensions: int) -> MapFigures:
    """The figures of a head's map. Raises InputError if it has no such map."""
    name = f"{method}-{dimensions}d"
    if name not in head.maps:
        raise InputError(f"this report has no map {name}; it has {', '.join(head.maps)}")
    return head.maps[name]


def map_row(store: ShardStore, model: Model, head: Head, name: str) -> tuple[str, dict[str, Any]]:
    """The id of the shard that holds a head's map, by the map's id, and its row there."""
    shard = _shard_of(store, model, head, name)
    with naming(store.manifest, [shard]):
        table = store.table(shard)
        row = table["head"].to_pylist().index(head.head)
        return shard, dict(table.slice(row, 1).to_pylist()[0])


def _shard_of(store: ShardStore, model: Model, head: Head, map_id: str) -> str:
    place = ("map", model.name, head.stack, head.layer, map_id)
    for name, shard in store.manifest.shards.items():
        entry = (shard.kind, shard.model, shard.stack, shard.layer, shard.map)
        if entry == place and head.head in range(*(shard.heads or (0, 0))):
            return name
    raise ReportError(
        f"the manifest names no shard for map {map_id} of layer {head.layer}, head {head.head}"
    )


def _points(store: ShardStore, axis: AxisEntry, row: dict[str, Any], side: str) -> Array:
    """The points of the sample at their tokens' places in corpus order."""
    store.lengths(axis)  # proves the number of its tokens
    lo, hi = np.array(row["lo"]), np.array(row["hi"])
    codes = np.array(row[side], np.float64).reshape(-1, len(lo))  # (point, dimension)
    points = np.full((axis.tokens, len(lo)), np.nan)  # (token, dimension)
    sample = store.table(axis.sample.shard)["token"].to_numpy()
    points[sample] = lo + codes / 65535 * (hi - lo)
    return points
