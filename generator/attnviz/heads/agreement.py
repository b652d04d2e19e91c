"""Whether a head connects tokens that the corpus labels alike, beyond chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from attnviz.heads.catalogue import StatisticColumn
from attnviz.heads.sums import Ratio
from attnviz.score import Array

PREFIX: Final = "agreement:"


class Agreement:
    """(S − C) / (M − C), one a head and label: of attention M from labelled tokens to others, S
    goes to tokens of the same label, and C would if each row spread it evenly (as Cohen's kappa,
    1960). 1 is all, 0 is chance."""

    def __init__(self, heads: int) -> None:
        self.heads = heads
        self._ratios: dict[str, Ratio] = {}

    def add(self, a: Array, allowed: Array, at: Array, labels: Mapping[str, Array]) -> None:
        """Take in attention (heads, rows, K) of the queries at these places, and each label's codes
        (K,), −1: none."""
        for name, codes in labels.items():
            own = codes[at] >= 0
            others = allowed[own] & (codes >= 0) & (np.arange(len(codes)) != at[own][:, None])
            same = others & (codes[at[own]][:, None] == codes)
            count = others.sum(-1)
            chance = np.divide(same.sum(-1), count, where=count > 0, out=np.zeros(len(count)))
            whole = (a[:, own] * others).sum(-1)  # (heads, rows)
            by_chance = (whole * chance).sum(-1)
            ratio = self._ratios.setdefault(name, Ratio(self.heads))
            ratio.add((a[:, own] * same).sum((1, 2)) - by_chance, whole.sum(-1) - by_chance)

    def values(self) -> dict[str, Array]:
        """Columns (heads,), one a label, NaN where chance could not be beaten."""
        return {PREFIX + name: ratio.value() for name, ratio in self._ratios.items()}


def label_codes(labels: Mapping[str, Sequence[str | None]]) -> dict[str, Array]:
    """A document's token labels as numbers, −1 for none.

    >>> label_codes({"part": ("noun", None, "verb", "noun")})["part"].tolist()
    [0, -1, 1, 0]
    """
    found = {}
    for name, given in labels.items():
        numbers = {
            label: n
            for n, label in enumerate(dict.fromkeys(label for label in given if label is not None))
        }
        found[name] = np.array(
            [-1 if label is None else numbers[label] for label in given], np.int64
        )
    return found


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
