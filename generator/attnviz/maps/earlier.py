"""Positions of an earlier build's maps: kept beside a layer's maps, and found again by the points
of a corpus that has most of the same documents."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from attnviz.score import Array

if TYPE_CHECKING:
    from attnviz.maps.making import HeadMap


@dataclass(frozen=True)
class EarlierMaps:
    """A layer's maps of an earlier build, in `folder`, and which of their points the points of this
    one are: queries (points,) and keys (points,) int64, −1 for new ones."""

    folder: Path
    queries: Array
    keys: Array

    @property
    def new(self) -> tuple[Array, Array]:
        """Which queries and which keys have no position yet, bool."""
        return self.queries < 0, self.keys < 0

    def has(self, sizes: Sequence[int]) -> bool:
        """Whether there are maps in these numbers of dimensions: a layer may have had none."""
        return all((self.folder / _file(size)).is_file() for size in sizes)

    def positions(self, size: int) -> tuple[Array, Array]:
        """Queries and keys (heads, points, size) float32, NaN where they are new."""
        with np.load(self.folder / _file(size)) as kept:
            sides = kept["queries"], kept["keys"]
        placed = []
        for positions, at in zip(sides, (self.queries, self.keys), strict=True):
            here = np.full((len(positions), len(at), size), np.nan, np.float32)
            here[:, at >= 0] = positions[:, at[at >= 0]]
            placed.append(here)
        return placed[0], placed[1]


def keep_positions(maps: Mapping[int, Sequence[HeadMap]], folder: Path) -> None:
    """Write a layer's maps, by number of dimensions, for the builds to come."""
    for size, heads in maps.items():
        queries = np.stack([head.queries for head in heads]).astype(np.float32)
        keys = np.stack([head.keys for head in heads]).astype(np.float32)
        np.savez(folder / _file(size), queries=queries, keys=keys)


def _file(size: int) -> str:
    return f"positions-{size}.npz"
