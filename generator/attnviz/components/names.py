"""Which tokens load on a component: what it is named by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.heads.pairs import Types
from attnviz.score import Array

SHOWN: Final = 5
"""Types that are named at each end of a side, at most."""


@dataclass(frozen=True)
class LoadingTokens:
    """Types of tokens by how they load on one side of a component: those above zero first, then
    those below, each by what they bring of the side's variance. Texts, mean loadings in standard
    deviations, and how many tokens of the type there are."""

    texts: list[str]
    loadings: list[float]
    counts: list[int]


class LoadingSums:
    """Loadings summed by the types of tokens: (n, types)."""

    def __init__(self, types: Types) -> None:
        self._types = types
        self._sums: Array | None = None
        self._counts = np.zeros(len(types.ids), np.int64)

    def add(self, loadings: Array, types: Array) -> None:
        """Take in loadings (tokens, n) of tokens of these types (tokens,), −1 of none."""
        if self._sums is None:
            self._sums = np.zeros((len(self._counts), loadings.shape[1]))
        of_type = types >= 0
        np.add.at(self._sums, types[of_type], loadings[of_type])
        np.add.at(self._counts, types[of_type], 1)

    def named(self, component: int) -> LoadingTokens:
        """The types that load most on a component, counted from zero."""
        if self._sums is None:
            return LoadingTokens([], [], [])
        counts = np.maximum(self._counts, 1)
        means = self._sums[:, component] / counts
        # What a type brings of the variance: n · mean², with the sign of its mean.
        brought = self._counts * means * np.abs(means)
        order = np.argsort(-brought, kind="stable")
        above = [int(n) for n in order[:SHOWN] if brought[n] > 0]
        below = [int(n) for n in order[::-1][:SHOWN] if brought[n] < 0]
        places = above + below
        return LoadingTokens(
            [self._types.texts[n] for n in places],
            [float(means[n]) for n in places],
            [int(self._counts[n]) for n in places],
        )
