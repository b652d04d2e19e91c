"""Statistics of each head, streamed over the whole corpus: sums over rows, so no order of documents matters."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.score import Array, Intervals


@dataclass(frozen=True)
class Statistic:
    """A column of every head's statistics, with what it means for people."""

    name: str
    title: str
    unit: str
    description: str


STATISTICS: Final = (
    Statistic(
        "entropy", "Entropy", "nats",
        "How spread a row is: −Σ a log a, averaged over rows. 0 is one key; log K is K keys alike.",
    ),
    Statistic(
        "distance", "Mean distance", "tokens",
        "How far a row looks: Σ a |i − j| in tokens, averaged over rows.",
    ),
    Statistic("previous", "Previous token", "share", "Attention on the token before: mean over rows that may see it."),
    Statistic("next", "Next token", "share", "Attention on the token after: mean over rows that may see it."),
    Statistic("self", "Same position", "share", "Attention on the token itself: mean over rows that may see it."),
    Statistic("first", "First token", "share", "Attention on the first token: mean over later rows that may see it."),
    Statistic(
        "separator", "Separators", "share",
        "Attention on separator tokens such as [SEP], averaged over rows that may see one.",
    ),
)  # fmt: skip


@dataclass
class _Mean:
    """A running mean over rows, one a head."""

    total: Array
    rows: int = 0

    def add(self, values: Array) -> None:
        """Take in values (heads, rows)."""
        self.total += values.sum(-1, dtype=np.float64)
        self.rows += values.shape[-1]

    def value(self) -> Array:
        return self.total / self.rows if self.rows else np.full(len(self.total), np.nan)


class HeadStatistics:
    """Collects the statistics of one layer's heads: `add` each document, then `values`."""

    def __init__(self, heads: int) -> None:
        self._means = {statistic.name: _Mean(np.zeros(heads)) for statistic in STATISTICS}

    def add(self, a: Array, intervals: Intervals, separators: Array, cross: bool = False) -> None:
        """Take in a document or a block of its rows: attention (heads, T, K), and which keys (K,) are separators.

        In cross-attention (`cross`) positions of queries and keys are of different sequences, so what compares them
        is not defined.
        """
        rows = np.flatnonzero(intervals.defined)
        if not len(rows):
            return
        a = a.astype(np.float64)
        shown = a[:, rows]
        with np.errstate(divide="ignore", invalid="ignore"):
            logs = np.where(shown > 0, np.log(shown), 0)
        self._means["entropy"].add(-(shown * logs).sum(-1))
        if not cross:
            apart = np.abs(np.arange(a.shape[-1]) - intervals.first - rows[:, None])
            self._means["distance"].add((shown * apart).sum(-1))
            for name, offset in (("previous", -1), ("self", 0), ("next", 1)):
                self._add_offset(name, a, intervals, offset)
        self._add_first(a, intervals)
        self._add_separators(a, intervals, separators)

    def _add_offset(self, name: str, a: Array, intervals: Intervals, offset: int) -> None:
        row = np.arange(a.shape[1])
        key = row + intervals.first + offset
        may_see = (key >= intervals.lo) & (key < intervals.hi)
        self._means[name].add(a[:, row[may_see], key[may_see]])

    def _add_first(self, a: Array, intervals: Intervals) -> None:
        may_see = intervals.defined & (intervals.lo == 0)
        may_see[: max(0, 1 - intervals.first)] = False
        self._means["first"].add(a[:, may_see, 0])

    def _add_separators(self, a: Array, intervals: Intervals, separators: Array) -> None:
        if not separators.any():
            return
        may_see = (intervals.allowed() & separators).any(-1)
        self._means["separator"].add(a[:, may_see][..., separators].sum(-1))

    def values(self) -> list[dict[str, float | None]]:
        """One mapping a head, in nats, tokens and shares; None where no row defines a statistic."""
        columns = {name: mean.value() for name, mean in self._means.items()}
        heads = len(next(iter(columns.values())))
        return [{name: _number(column[head]) for name, column in columns.items()} for head in range(heads)]


def _number(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def layer_statistics(
    blocks: Iterable[tuple[Array, Intervals, Array]], heads: int, cross: bool = False
) -> list[dict[str, float | None]]:
    """Statistics of a layer from (attention (heads, T, K), intervals, separators (K,)) of blocks of rows."""
    collected = HeadStatistics(heads)
    for a, intervals, separators in blocks:
        collected.add(a, intervals, separators, cross)
    return collected.values()
