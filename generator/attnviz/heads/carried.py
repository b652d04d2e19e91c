"""Attention weighted by the lengths of the values it carries: a‖v‖, rows made to sum to 1
(Kobayashi et al. 2020).

A head may rest on a token whose value is next to nothing. The lengths are of value vectors as the
head has them, before its output projection.
"""

from __future__ import annotations

import numpy as np

from attnviz.heads.sums import Mean
from attnviz.score import Array


class CarriedStatistics:
    """Means over rows; with grouped queries each head reads its kv head's values."""

    def __init__(self, heads: int) -> None:
        self.heads = heads
        self._means = {name: Mean(heads) for name in ("first_value", "separator_value")}
        self._norm = Mean(heads)

    def add_values(self, norms: Array) -> None:
        """Take in a document's ‖v‖, (kv heads, K)."""
        self._norm.add(self._spread(norms.astype(np.float64)))

    def add(self, a: Array, norms: Array, later: Array, separator: Array, own: Array) -> None:
        """Take in attention (heads, rows, K), rows that come after a first token they may see,
        which keys are separators (K,), and rows that may see one."""
        weighted = a * self._spread(norms)[:, None]
        whole = weighted.sum(-1)
        with np.errstate(invalid="ignore", divide="ignore"):
            self._means["first_value"].add(weighted[:, later, 0] / whole[:, later])
            self._means["separator_value"].add(
                weighted[:, own][..., separator].sum(-1) / whole[:, own]
            )

    def _spread(self, norms: Array) -> Array:
        return np.repeat(norms, self.heads // len(norms), 0)

    def values(self) -> dict[str, Array]:
        """Columns (heads,); none where no values were seen."""
        if not self._norm.rows:
            return {}
        return {"value_norm": self._norm.value()} | {
            name: mean.value() for name, mean in self._means.items()
        }
