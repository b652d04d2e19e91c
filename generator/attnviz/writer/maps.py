"""Shards of the maps: one row a head, and the overview of all heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from attnviz.format.manifest import MapFigures, Shard, SpaceFigures
from attnviz.format.shards import ShardFolder, cut, read_shard
from attnviz.maps.quantised_maps import QuantisedMaps
from attnviz.maps.stored_map import StoredMap
from attnviz.score import Array

_CODES: Final = ("queries", "keys")
_BOX: Final = ("lo", "hi", "view_lo", "view_hi")

OVERVIEW_POINTS: Final = 600
"""Most queries, and as many keys, that the overview has of a head."""
LEAST_OVERVIEW_POINTS: Final = 100
ALL_OVERVIEW_POINTS: Final = 23_040
"""Of all heads together, where that leaves each at least so many: the atlas waits for them."""


@dataclass(frozen=True)
class LayerFigures:
    """What was measured of a layer: its maps by id, head by head; each head's full spaces, by name,
    if it has such.

    `limits` says in words what no space of its queries and keys can show.
    """

    maps: Mapping[str, Sequence[MapFigures]]
    spaces: Sequence[Mapping[str, SpaceFigures]]
    limits: Sequence[str]


@dataclass(frozen=True)
class OverviewRow:
    """A head's row of the overview: the codes of its queries and of its keys; empty without a
    map."""

    stack: str
    layer: int
    head: int
    queries: list[int]
    keys: list[int]


def write_maps(
    maps: Sequence[StoredMap],
    numbers: Sequence[int],
    kind: str,
    stem: str,
    into: ShardFolder,
    **place: Any,
) -> None:
    """The maps of a layer's heads, of one kind (by its id), with the heads' numbers.

    `place` is the manifest entry's model, stack and layer.
    """
    sizes = [m.queries.nbytes + m.keys.nbytes for m in maps]
    for part, (first, end) in enumerate(cut(sizes)):
        members = maps[first:end]
        columns: dict[str, Any] = {
            "head": list(numbers[first:end]),
            "queries": [m.queries.ravel() for m in members],
            "keys": [m.keys.ravel() for m in members],
        }
        columns |= {name: [getattr(m, name) for m in members] for name in _BOX}
        heads = (numbers[first], numbers[end - 1] + 1)
        into.add(f"{stem}-{kind}-{part}", "map", columns, map=kind, heads=heads, **place)


def read_maps(
    folder: Path, shards: Mapping[str, Shard], figures: Mapping[str, Sequence[MapFigures]]
) -> dict[str, QuantisedMaps]:
    """A layer's maps by id, as `write_maps` wrote them; `figures` are what their making said."""
    rows: dict[str, list[Mapping[str, Array]]] = {name: [] for name in figures}
    for shard in shards.values():
        rows[shard.map or ""] += _rows(read_shard(folder, shard))
    return {
        name: QuantisedMaps(
            [
                _stored(row, of_head.quantisation_error)
                for row, of_head in zip(rows[name], of_name, strict=True)
            ],
            [of_head.explained for of_head in of_name],
        )
        for name, of_name in figures.items()
    }


def _rows(table: pa.Table) -> list[Mapping[str, Array]]:
    """The lists of each row, by their columns."""
    return [
        {name: np.array(table[name][row].values) for name in (*_CODES, *_BOX)}
        for row in range(table.num_rows)
    ]


def _stored(row: Mapping[str, Array], error: float) -> StoredMap:
    dimensions = len(row["lo"])
    codes = {name: row[name].reshape(-1, dimensions) for name in _CODES}
    return StoredMap(**codes, **{name: row[name] for name in _BOX}, quantisation_error=error)


def overview_points(heads: int) -> int:
    """How many queries, and as many keys, the overview of so many heads has of each.

    >>> [overview_points(heads) for heads in (12, 144, 1024)]
    [600, 160, 100]
    """
    fair = ALL_OVERVIEW_POINTS // max(heads, 1)
    return min(max(fair, LEAST_OVERVIEW_POINTS), OVERVIEW_POINTS)


def overview_rows(
    maps: Sequence[StoredMap], numbers: Sequence[int], stack: str, layer: int
) -> list[OverviewRow]:
    """The heads of a layer as rows of the overview."""
    rows = []
    for head, head_map in zip(numbers, maps, strict=True):
        queries, keys = head_map.overview_codes(OVERVIEW_POINTS)
        rows.append(
            OverviewRow(stack, layer, head, queries.ravel().tolist(), keys.ravel().tolist())
        )
    return rows


def empty_rows(numbers: Sequence[int], stack: str, layer: int) -> list[OverviewRow]:
    """The overview's rows of heads that have no map."""
    return [OverviewRow(stack, layer, head, [], []) for head in numbers]


def write_overview(model: str, rows: Sequence[OverviewRow], into: ShardFolder) -> None:
    """All heads of a model in one small shard."""
    names = ("stack", "layer", "head", "queries", "keys")
    columns = {name: [getattr(row, name) for row in rows] for name in names}
    for side in ("queries", "keys"):  # x, y pairs
        columns[side] = [codes[: 2 * overview_points(len(rows))] for codes in columns[side]]
    into.add(f"overview-{model}", "overview", columns, model=model)
