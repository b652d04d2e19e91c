"""Axes whose tokens attend within windows: which token stands where, and which ones see each other.

On such an axis the tokens stand window after window, and within a window region after region, so
that what a token sees is one interval. Layers that cut alike share an axis.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attnviz.documents import Tokens
from attnviz.score import Array, Intervals


@dataclass(frozen=True, eq=False)
class AttentionWindows:
    """How the T tokens of an axis are cut into windows of `size` tokens.

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
        # Tokens of one window and region share a number, and stand side by side.
        number = self.order // self.size * (self.region.max() + 1) + self.region
        changes = np.diff(number, prepend=-1) != 0
        starts = np.flatnonzero(changes)
        ends = np.append(starts[1:], len(number))
        run = np.cumsum(changes) - 1
        return Intervals(starts[run], ends[run], len(number))

    def tokens(self) -> Tokens:
        """The axis's tokens: patches, and what the grid was filled up with."""
        inside = self.row >= 0
        names = self.names or tuple(
            f"{row},{column}" if is_patch else "[PAD]"
            for row, column, is_patch in zip(self.row, self.column, inside, strict=True)
        )
        return Tokens.of_places(names, self.row, self.column, special=~inside)
