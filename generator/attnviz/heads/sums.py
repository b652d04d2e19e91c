"""Sums over rows that make means, one a head, in float64: no order of documents matters but for the
last digits."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from attnviz.score import Array


@dataclass
class Mean:
    """A running mean over rows, and the deviation around it."""

    heads: int
    rows: float = 0
    total: Array = field(init=False)
    squares: Array = field(init=False)

    def __post_init__(self) -> None:
        self.total, self.squares = np.zeros(self.heads), np.zeros(self.heads)

    def add(self, values: Array, rows: float | None = None) -> None:
        """Take in values (heads, n), each of them a row; or sums of `rows` rows together."""
        self.total += values.sum(-1, dtype=np.float64)
        self.squares += np.square(values, dtype=np.float64).sum(-1)
        self.rows += values.shape[-1] if rows is None else rows

    def value(self) -> Array:
        """(heads,), NaN where there was no row."""
        return self.total / self.rows if self.rows else np.full(self.heads, np.nan)

    def deviation(self) -> Array:
        """(heads,), the standard deviation over rows."""
        if not self.rows:
            return np.full(self.heads, np.nan)
        deviation: Array = np.sqrt((self.squares / self.rows - self.value() ** 2).clip(0))
        return deviation


@dataclass
class Ratio:
    """One sum over another, one a head: attention of a kind over the attention that could be."""

    heads: int
    part: Array = field(init=False)
    whole: Array = field(init=False)

    def __post_init__(self) -> None:
        self.part, self.whole = np.zeros(self.heads), np.zeros(self.heads)

    def add(self, part: Array, whole: Array) -> None:
        """Take in sums (heads,)."""
        self.part += part
        self.whole += whole

    def value(self) -> Array:
        """(heads,), NaN where there is nothing to divide by."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio: Array = np.where(self.whole > 0, self.part / self.whole, np.nan)
        return ratio
