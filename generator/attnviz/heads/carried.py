"""Attention weighted by the lengths of the values it carries: a‖v‖, rows made to sum to 1
(Kobayashi et al. 2020).

A head may rest on a token whose value is next to nothing. The lengths are of value vectors as the
head has them, before its output projection.
"""

from __future__ import annotations

import numpy as np

from attnviz.heads.statistic import SeeingRows, StatisticColumn, VectorGroup
from attnviz.heads.sums import Count, Mean
from attnviz.score import Array
from attnviz.value_lengths import weigh


class CarriedStatistics(VectorGroup):
    """Means over rows; with grouped queries each head reads its kv head's values."""

    COLUMNS = (
        StatisticColumn(
            "value_norm", "Value length", "", "Length of value vectors, averaged over tokens."
        ),
        StatisticColumn(
            "first_value",
            "First token, by value",
            "share",
            "The first token's share of what a row brings, a‖v‖ (Kobayashi et al. 2020): mean over "
            "later rows.",
        ),
        StatisticColumn(
            "separator_value",
            "Separators, by value",
            "share",
            "Separators' share of what a row brings, a‖v‖: mean over rows that may see one.",
        ),
    )

    def __init__(self, heads: int) -> None:
        self.heads = heads
        self._norm, self._first, self._separator = Mean(heads), Mean(heads), Mean(heads)

    def add_values(self, norms: Array) -> None:
        self._norm.add(self._by_head(norms.astype(np.float64)))

    def add(self, rows: SeeingRows) -> None:
        norms = rows.block.values
        if norms is None:
            return
        later = rows.allowed[:, 0] & (rows.at > 0)  # (row,)
        separators = rows.traits.separator  # (key,)
        see = (rows.allowed & separators).any(-1)  # (row,)
        carried = weigh(rows.attention, self._by_head(norms))  # (head, row, key)
        self._first.add(carried[:, later, 0])
        self._separator.add(carried[:, see][..., separators].sum(-1))

    def counts(self) -> dict[str, Count]:
        return {"first_value": self._first.rows, "separator_value": self._separator.rows}

    def _by_head(self, norms: Array) -> Array:
        """(heads, K) of (kv heads, K)."""
        return np.repeat(norms, self.heads // len(norms), 0)

    def values(self) -> dict[str, Array]:
        if not self._norm.rows:
            return {}
        return {
            "value_norm": self._norm.value(),
            "first_value": self._first.value(),
            "separator_value": self._separator.value(),
        }
