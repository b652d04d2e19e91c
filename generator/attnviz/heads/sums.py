"""Sums over rows that make means, one per head, in float64: no order of documents matters but for
the last digits."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from attnviz.score import Array

LEAST: Final = 8
"""Keys that a row must see to be evidence for a label: among few keys every pattern looks like
every other."""

Count = float | Array
"""Rows that a mean is over, or per head (heads,) the attention that a ratio is of."""


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
        """(heads,), the standard deviation over rows; NaN where there was no row."""
        if not self.rows:
            return np.full(self.heads, np.nan)
        deviation: Array = np.sqrt((self.squares / self.rows - self.value() ** 2).clip(0))
        return deviation

    def standard_error(self) -> Array:
        """(heads,), of rows drawn from endlessly many; NaN where there were fewer than two."""
        if self.rows < 2:
            return np.full(self.heads, np.nan)
        error: Array = self.deviation() / np.sqrt(self.rows - 1)
        return error


class EvidenceMeans:
    """Means by name over all rows, and over those that see at least 8 keys, which are evidence for
    labels."""

    def __init__(self, heads: int, names: Iterable[str]) -> None:
        self._all = {name: Mean(heads) for name in names}
        self._evidence = {name: Mean(heads) for name in self._all}

    def add(self, name: str, values: Array, visible: Array) -> None:
        """Take in values (heads, rows) of rows that see so many keys (rows,)."""
        self._all[name].add(values)
        self._evidence[name].add(values[:, visible >= LEAST])

    def counts(self) -> dict[str, Count]:
        """How many rows each is over."""
        return {name: mean.rows for name, mean in self._all.items()}

    def evidence_counts(self) -> dict[str, Count]:
        """How many rows that see at least 8 keys each is over."""
        return {name: mean.rows for name, mean in self._evidence.items()}

    def values(self) -> dict[str, Array]:
        """Over all rows, (heads,) each, NaN where there was none."""
        return {name: mean.value() for name, mean in self._all.items()}

    def evidence(self) -> dict[str, Array]:
        """Over rows that see at least 8 keys, (heads,) each, NaN where there was none."""
        return {name: mean.value() for name, mean in self._evidence.items()}


@dataclass
class Ratio:
    """One sum over another, per head: attention of a kind over the attention that could be."""

    heads: int
    part: Array = field(init=False)
    total: Array = field(init=False)

    def __post_init__(self) -> None:
        self.part, self.total = np.zeros(self.heads), np.zeros(self.heads)

    def add(self, part: Array, total: Array) -> None:
        """Take in sums (heads,)."""
        self.part += part
        self.total += total

    def value(self) -> Array:
        """(heads,), NaN where there is nothing to divide by."""
        with np.errstate(invalid="ignore", divide="ignore"):
            ratio: Array = np.where(self.total > 0, self.part / self.total, np.nan)
        return ratio
