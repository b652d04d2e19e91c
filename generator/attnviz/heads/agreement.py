"""Whether a head connects tokens that the corpus labels alike, beyond chance."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from attnviz.heads.statistic import StatisticColumn
from attnviz.heads.sums import Count, Ratio, State, Sums, within
from attnviz.score import Array

PREFIX: Final = "agreement:"


class Agreement(Sums):
    """(S − C) / (M − C), per head and label: of attention M from labelled tokens to other labelled
    ones, S goes to tokens of the same label, and C would if each row spread it evenly (as Cohen's
    kappa, 1960). 1 is all, 0 is chance."""

    def __init__(self, heads: int) -> None:
        self.heads = heads
        self._ratios: dict[str, Ratio] = {}

    def add(self, a: Array, allowed: Array, at: Array, labels: Mapping[str, Array]) -> None:
        """Take in attention (heads, rows, K) of the queries at these positions, which keys they may
        see (rows, K), and each label's codes (K,), −1: none."""
        for name, codes in labels.items():
            labelled = codes[at] >= 0
            query, attention = at[labelled], a[:, labelled]  # (row,), (head, row, key)
            # The keys that count: other tokens with a label; of those, the same label's.
            itself = np.arange(len(codes)) == query[:, None]
            others = allowed[labelled] & (codes >= 0) & ~itself
            same = others & (codes[query][:, None] == codes)
            count = others.sum(-1)
            chance = np.divide(same.sum(-1), count, where=count > 0, out=np.zeros(len(count)))
            mass = (attention * others).sum(-1)  # (head, row)
            by_chance = (mass * chance).sum(-1)  # (head,)
            ratio = self._ratios.setdefault(name, Ratio(self.heads))
            ratio.add((attention * same).sum((1, 2)) - by_chance, mass.sum(-1) - by_chance)

    def merge(self, state: State, documents: Array) -> None:
        names = dict.fromkeys(key.rpartition("/")[0] for key in state)
        for part in names:
            name = part.removeprefix("_ratios.")
            ratio = self._ratios.setdefault(name, Ratio(self.heads))
            ratio.merge(within(state, part), documents)

    def values(self) -> dict[str, Array]:
        """Columns (heads,), one per label, NaN where chance could not be beaten."""
        return {PREFIX + name: ratio.value() for name, ratio in self._ratios.items()}

    def counts(self) -> dict[str, Count]:
        """M − C of each column, (heads,)."""
        return {PREFIX + name: ratio.total for name, ratio in self._ratios.items()}


def agreement_column(name: str) -> StatisticColumn:
    """The column of a label's agreement, by the statistic's name."""
    label = name.removeprefix(PREFIX)
    return StatisticColumn(
        name,
        f"Same {label}",
        "",
        f"Of attention between tokens that have a label {label!r}, how much more goes to the "
        "same one than by chance: "
        "0 is chance, 1 is all; a token itself is left out.",
    )
