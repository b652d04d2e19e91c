"""A head's map out of a report's shards, as it is stored."""

from __future__ import annotations

import numpy as np

from attnviz.format.manifest import Head, Model
from attnviz.maps.stored_map import StoredMap
from attnviz.reader.map_points import map_row
from attnviz.reader.store import ShardStore


def head_map(store: ShardStore, model: Model, head: Head, name: str) -> StoredMap:
    """The map of this id; its points are in the order of the axes' samples."""
    _, row = map_row(store, model, head, name)
    lo, hi, view_lo, view_hi = (np.array(row[key]) for key in ("lo", "hi", "view_lo", "view_hi"))
    queries, keys = (
        np.array(row[side], np.uint16).reshape(-1, len(lo)) for side in ("queries", "keys")
    )
    return StoredMap(
        queries=queries,
        keys=keys,
        lo=lo,
        hi=hi,
        view_lo=view_lo,
        view_hi=view_hi,
        quantisation_error=head.maps[name].quantisation_error,
    )
