"""How a quantity is spread over rows: deciles from counts, so that memory is bounded and no order
matters."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.heads.sums import State, Sums
from attnviz.score import Array

STEP: Final = 1 / 256
LARGEST: Final = 16.0
"""In nats: equal attention to nine million keys."""


class Deciles(Sums):
    """Counts of values from 0 to 16, rounded to 1/256, per head; larger ones count as 16."""

    def __init__(self, heads: int) -> None:
        self._counts = np.zeros((heads, round(LARGEST / STEP) + 1), np.int64)

    def add(self, values: Array) -> None:
        """Take in values (heads, n) that are not negative."""
        size = self._counts.shape[1]
        steps = np.rint(values / STEP).astype(np.int64).clip(0, size - 1)
        for counts, of_head in zip(self._counts, steps, strict=True):
            counts += np.bincount(of_head, minlength=size)

    def state(self) -> dict[str, Array]:
        """The counts of those values that there were, and which these are."""
        places = np.flatnonzero(self._counts.any(0))
        return {
            "places": places.astype(np.int32),
            "counts": self._counts[:, places].astype(np.int32),
        }

    def merge(self, state: State, documents: Array) -> None:
        self._counts[:, state["places"]] += state["counts"]

    def values(self) -> list[list[float]]:
        """Eleven values per head, the least, by tenths of all, to the largest; [] where there was
        none.

        Each is that of the nearest rank, good to 1/512.
        """
        count = int(self._counts[0].sum())
        if not count:
            return [[] for _ in self._counts]
        ranks = np.rint(np.linspace(0, count - 1, 11))
        return [
            (np.searchsorted(counts.cumsum(), ranks, side="right") * STEP).tolist()
            for counts in self._counts
        ]
