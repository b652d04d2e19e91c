"""Which tokens wake a head: query types whose rows rest less often than the head's others."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.heads.pairs import Types
from attnviz.heads.sums import State, Sums
from attnviz.score import Array

SHOWN: Final = 10
SURE: Final = 10.83
"""The log-likelihood ratio from which a type is named: the 99.9th percentile of χ² with one degree
of freedom."""


@dataclass(frozen=True)
class Waking:
    """A token type, by its characters, how many of its rows are awake, from 0 to 1, and how many
    rows it has."""

    token: str
    rate: float
    rows: int


class WakingTokens(Sums):
    """Rows, and rows that are awake, by the type of their query: (types,) and (heads, types); and
    of all types together."""

    def __init__(self, heads: int, types: Types) -> None:
        self.types = types
        self._rows = np.zeros(len(types.ids))
        self._awake = np.zeros((heads, len(types.ids)))
        self._all_rows, self._all_awake = 0.0, np.zeros(heads)

    def add(self, numbers: Array, awake: Array) -> None:
        """Take in the type's number of each row (rows,), −1 for one that is not told apart, and
        which rows are awake, (heads, rows) bool."""
        self._all_rows += len(numbers)
        self._all_awake += awake.sum(-1)
        told = numbers >= 0
        size = len(self._rows)
        self._rows += np.bincount(numbers[told], minlength=size)
        for counts, of_head in zip(self._awake, awake[:, told], strict=True):
            counts += np.bincount(numbers[told], of_head, minlength=size)

    def state(self) -> dict[str, Array]:
        """The counts of those types that there were, by their ids."""
        there = np.flatnonzero(self._rows)
        return {
            "ids": self.types.ids[there],
            "rows": self._rows[there],
            "awake": self._awake[:, there],
            "all_rows": np.array(self._all_rows),
            "all_awake": self._all_awake,
        }

    def merge(self, state: State, documents: Array) -> None:
        numbers = self.types.of(state["ids"])
        told = numbers >= 0
        self._rows[numbers[told]] += state["rows"][told]
        self._awake[:, numbers[told]] += state["awake"][:, told]
        self._all_rows += float(state["all_rows"])
        self._all_awake = self._all_awake + state["all_awake"]

    def values(self) -> list[list[Waking]]:
        """For each head at most ten types whose rows are awake more often than the head's rows are,
        the surest first: by the log-likelihood ratio of the two rates (Dunning 1993), where it is
        at least 10.83."""
        return [self._of_head(head) for head in range(len(self._awake))]

    def _of_head(self, head: int) -> list[Waking]:
        usual = self._all_awake[head] / max(1.0, self._all_rows)
        if not 0 < usual < 1:
            return []
        rates = self._awake[head] / self._rows.clip(1)
        with np.errstate(divide="ignore", invalid="ignore"):
            slept = np.where(rates < 1, (1 - rates) * np.log((1 - rates) / (1 - usual)), 0)
            woke = np.where(rates > 0, rates * np.log(rates / usual), 0)
        sureness = np.where(rates > usual, 2 * self._rows * (woke + slept), 0)
        best = np.argsort(-sureness, kind="stable")[:SHOWN]
        return [
            Waking(self.types.texts[n], float(rates[n]), int(self._rows[n]))
            for n in best.tolist()
            if sureness[n] >= SURE
        ]

    def measured(self, head: int, token: str) -> tuple[float, int]:
        """The rate and the rows of one head and type, by its characters; 0 where there is none."""
        if token not in self.types.texts:
            return 0.0, 0
        place = self.types.texts.index(token)
        rows = self._rows[place]
        return float(self._awake[head, place] / max(1.0, rows)), int(rows)


def waking_rows(waking: list[list[Waking]]) -> list[list[tuple[str, float, int]]]:
    """Those of each head as JSON has them."""
    return [[(each.token, each.rate, each.rows) for each in of_head] for of_head in waking]
