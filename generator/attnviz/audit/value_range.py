"""How far statistics by lengths of values may be from what stored lengths and attention give."""

from __future__ import annotations

import numpy as np

from attnviz.audit.tolerance import Slack
from attnviz.heads.sums import Count
from attnviz.score import Array

_ROUNDING = 1e-6
"""Of float32 sums, as a share."""


class ValueRange:
    """The shortest and the longest value of each head, zeros left out; `error` is the largest of a
    stored length as a share of it, None where there are none."""

    def __init__(self, heads: int, error: float | None) -> None:
        self._error = error
        self._least, self._most = np.full(heads, np.inf), np.zeros(heads)

    @property
    def known(self) -> bool:
        """Whether the report has lengths of values."""
        return self._error is not None

    def add(self, norms: Array) -> None:
        """Take in a document's lengths, (kv heads, K)."""
        of_heads = np.repeat(norms, len(self._most) // len(norms), 0)
        above = np.where(of_heads > 0, of_heads, np.inf)
        self._least = np.minimum(self._least, above.min(1))
        self._most = np.maximum(self._most, of_heads.max(1))

    def tolerance(self, slack: Slack, count: Count | None, value: Array) -> Array:
        """Of a mean length (no `count`), or of a mean share of what rows bring, (heads,).

        Where a row's attention is off by t in total variation, what it brings is off by at most
        t · longest, of a sum of at least the shortest; a relative error e of lengths moves a share
        by at most e / 2.
        """
        error = self._error or 0.0
        if count is None:
            return np.asarray((error + _ROUNDING) * np.abs(value))
        with np.errstate(invalid="ignore", divide="ignore"):
            moved = 2 * slack.share(count) * self._most / self._least
        return np.asarray((moved + error).clip(max=1.0))
