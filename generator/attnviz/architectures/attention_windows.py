"""Attention within windows of a grid (Swin, Liu et al. 2021): which patch stands where, and which
ones see each other.

The model cuts its grid into windows and attends within each; every other layer cuts a grid that is
shifted around its edges, and forbids what only the shift has made neighbours. On an axis the tokens
stand window after window, and within a window region after region, so that what a token sees is one
interval. Layers that cut alike share an axis.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from attnviz.documents import Tokens
from attnviz.score import Array, Intervals


@dataclass(frozen=True, eq=False)
class AttentionWindows:
    """How an axis is cut. `size` is the number of tokens in a window, T all tokens of the axis.

    order (T,): each token's number as the model has them, window after window, row by row in each;
    region (T,): its region within its window; row, column (T,): its patch's place in the grid, −1
    where the grid was filled up. `names` are the tokens', by default their places.
    """

    size: int
    order: NDArray[np.int64]
    region: NDArray[np.int64]
    row: NDArray[np.int64]
    column: NDArray[np.int64]
    names: tuple[str, ...] | None = None

    @property
    def index(self) -> Array:
        """(T,) uint16: each token's place in its window, for what the model adds by place."""
        return (self.order % self.size).astype(np.uint16)

    def intervals(self) -> Intervals:
        """The keys that each token sees: those of its window and region."""
        own = self.order // self.size * (self.region.max() + 1) + self.region
        starts = np.flatnonzero(np.diff(own, prepend=-1))
        ends = np.append(starts[1:], len(own))
        run = np.cumsum(np.diff(own, prepend=-1) != 0) - 1
        return Intervals(starts[run], ends[run], len(own))

    def tokens(self) -> Tokens:
        """The axis's tokens: patches, and what the grid was filled up with."""
        inside = self.row >= 0
        names = self.names or tuple(
            f"{r},{c}" if own else "[PAD]"
            for r, c, own in zip(self.row, self.column, inside, strict=True)
        )
        none = np.full(len(self.order), -1, np.int32)
        zeros = np.zeros(len(self.order), np.uint8)
        places = self.row.astype(np.int16), self.column.astype(np.int16)
        return Tokens(none, names, none, none, ~inside, zeros, *places)


def cut_grid(rows: int, columns: int, window: int, shift: int) -> AttentionWindows:
    """A grid cut into windows of `window` × `window` patches after moving it up and left by `shift`
    around its edges.

    >>> cut_grid(2, 4, 2, 0).column.tolist()
    [0, 1, 0, 1, 2, 3, 2, 3]
    """
    height, width = (math.ceil(side / window) * window for side in (rows, columns))
    grid = np.indices((height, width))
    row, column = (_cut(np.roll(places, (-shift, -shift), (0, 1)), window) for places in grid)
    # Regions as in the model: by which strip of the shifted grid a place is in.
    strip = [
        (p >= s - window).astype(int) + (p >= s - shift) if shift else p * 0
        for p, s in zip(grid, (height, width), strict=True)
    ]
    region = _cut(strip[0] * 3 + strip[1], window)
    inside = (row < rows) & (column < columns)
    order = np.lexsort((np.arange(len(row)), region, np.arange(len(row)) // window**2))
    across, down = (np.where(inside, place, -1)[order] for place in (column, row))
    return AttentionWindows(window**2, order, region[order], down, across)


def _cut(grid: Array, window: int) -> Array:
    """A grid's values window after window, row by row in each."""
    height, width = grid.shape
    cut: Array = (
        grid.reshape(height // window, window, width // window, window)
        .transpose(0, 2, 1, 3)
        .reshape(-1)
    )
    return cut


def stages_of(config: Any) -> Iterator[tuple[str, AttentionWindows]]:
    """A Swin's axes: one for each stage, and one more where every other layer's grid is shifted."""
    size = (
        config.image_size
        if isinstance(config.image_size, (tuple, list))
        else (config.image_size,) * 2
    )
    patch = (
        config.patch_size
        if isinstance(config.patch_size, (tuple, list))
        else (config.patch_size,) * 2
    )
    rows, columns = (math.ceil(side / own) for side, own in zip(size, patch, strict=True))
    for stage, depth in enumerate(config.depths):
        window = min(config.window_size, rows, columns)
        yield f"stage{stage + 1}", cut_grid(rows, columns, window, 0)
        if depth > 1 and min(rows, columns) > config.window_size:
            yield (
                f"stage{stage + 1}-shifted",
                cut_grid(rows, columns, window, config.window_size // 2),
            )
        rows, columns = math.ceil(rows / 2), math.ceil(columns / 2)
