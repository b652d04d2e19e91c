"""Where heads look in a picture."""

from __future__ import annotations

import numpy as np

from attnviz.heads.sums import Mean, Ratio
from attnviz.heads.traits import Traits
from attnviz.score import Array


class GridStatistics:
    """Attention between patches, by their places in the grid."""

    def __init__(self, heads: int) -> None:
        self._ratios = {
            name: Ratio(heads)
            for name in ("patch_distance", "same_row", "same_column", "neighbours")
        }
        self._unplaced = Mean(heads)

    def add(self, a: Array, at: Array, traits: Traits) -> None:
        """Take in attention (heads, rows, K) of the queries at these places of the sequence."""
        if traits.row is None or traits.column is None or not (traits.row >= 0).any():
            return
        patch = traits.row >= 0
        own = patch[at]
        if not own.any():
            return
        between = a[:, own][..., patch]
        row, column = traits.row.astype(np.int64), traits.column.astype(np.int64)
        down = row[patch] - row[at[own]][:, None]
        across = column[patch] - column[at[own]][:, None]
        whole = between.sum((1, 2))
        for name, counts in (
            ("patch_distance", np.hypot(down, across)),
            ("same_row", down == 0),
            ("same_column", across == 0),
            ("neighbours", np.maximum(abs(down), abs(across)) <= 1),
        ):
            self._ratios[name].add((between * counts).sum((1, 2)), whole)
        self._unplaced.add(a[:, own].sum(-1) - between.sum(-1))

    def values(self) -> dict[str, Array]:
        """Columns (heads,), of pictures alone."""
        if not self._unplaced.rows:
            return {}
        return {name: ratio.value() for name, ratio in self._ratios.items()} | {
            "unplaced": self._unplaced.value()
        }
