"""Where heads look in an image."""

from __future__ import annotations

import numpy as np

from attnviz.heads.statistic import SeeingRows, StatisticColumn, StatisticGroup
from attnviz.heads.sums import Count, Mean, Ratio
from attnviz.score import Array


class GridStatistics(StatisticGroup):
    """Attention between patches, by their places in the grid."""

    COLUMNS = (
        StatisticColumn(
            "patch_distance",
            "Patch distance",
            "patches",
            "How far a patch looks: Σ a × the distance of two patches in the grid, over attention "
            "between patches.",
        ),
        StatisticColumn(
            "same_row",
            "Same row",
            "share",
            "Of attention between patches, that within a row of the grid.",
        ),
        StatisticColumn(
            "same_column",
            "Same column",
            "share",
            "Of attention between patches, that within a column.",
        ),
        StatisticColumn(
            "neighbours",
            "Neighbours",
            "share",
            "Of attention between patches, that on the 8 around, or itself.",
        ),
        StatisticColumn(
            "unplaced",
            "Class and register tokens",
            "share",
            "Attention of patches on tokens that are no patch, averaged over patches.",
        ),
    )

    def __init__(self, heads: int) -> None:
        names = ("patch_distance", "same_row", "same_column", "neighbours")
        self._ratios = {name: Ratio(heads) for name in names}
        self._unplaced = Mean(heads)

    def add(self, rows: SeeingRows) -> None:
        traits, at = rows.traits, rows.at
        if rows.block.cross or traits.row is None or traits.column is None:
            return
        patches = traits.row >= 0  # (key,)
        of_patches = patches[at]  # (row,)
        if not of_patches.any():
            return
        # Attention between patches, and how far apart they lie, down and across.
        attention = rows.attention[:, of_patches]  # (head, patch, key)
        between = attention[..., patches]  # (head, patch, patch)
        row, column = traits.row.astype(np.int64), traits.column.astype(np.int64)
        down = row[patches] - row[at[of_patches]][:, None]  # (patch, patch)
        across = column[patches] - column[at[of_patches]][:, None]
        total = between.sum((1, 2))  # (head,)
        for name, weights in (
            ("patch_distance", np.hypot(down, across)),
            ("same_row", down == 0),
            ("same_column", across == 0),
            ("neighbours", np.maximum(abs(down), abs(across)) <= 1),
        ):
            self._ratios[name].add((between * weights).sum((1, 2)), total)
        self._unplaced.add(attention.sum(-1) - between.sum(-1))

    def values(self) -> dict[str, Array]:
        """Columns of images alone."""
        if not self._unplaced.rows:
            return {}
        return {name: ratio.value() for name, ratio in self._ratios.items()} | {
            "unplaced": self._unplaced.value()
        }

    def counts(self) -> dict[str, Count]:
        return {name: ratio.total for name, ratio in self._ratios.items()} | {
            "unplaced": self._unplaced.rows
        }
