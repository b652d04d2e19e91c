"""Attention by relative position."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.heads.sums import ArraySums, State, Sums
from attnviz.score import Array

FAR: Final = 512
SHOWN: Final = 16


class OffsetProfile(Sums):
    """Sums of attention by offset j − i, one profile per head; offsets beyond ±512 count as one on
    either side."""

    def __init__(self, heads: int) -> None:
        self._sums = np.zeros((heads, 2 * FAR + 1))
        self._pairs = np.zeros(2 * FAR + 1)
        self._squares = np.zeros(heads)
        self._even = np.zeros(heads)

    def add(self, a: Array, at: Array, allowed: Array) -> None:
        """Take in attention (heads, rows, K) of queries at these ascending positions, and what may
        be seen (rows, K)."""
        if not len(at):
            return
        from attnviz.heads.place_counting import (
            add_by_offset,  # numba takes half a second to import
        )

        # Attention by offset, per head, and the pairs that could have it, which all heads share.
        for profile, weights in ((self._sums, a), (self._pairs[None], allowed[None])):
            weights = np.ascontiguousarray(weights)
            add_by_offset(profile, weights, np.ones(weights.shape[:2]), at)
        self._squares += np.einsum("hrk,hrk->h", a, a)
        # Around equal attention of a row of mass m: Σ (a − m/K)² = Σ a² − m²/K.
        self._even += (a.sum(-1) ** 2 / allowed.sum(-1)).sum(-1)

    def state(self) -> dict[str, Array]:
        """The sums at those offsets that there were, by their `places` in the profile."""
        places = np.flatnonzero(self._pairs)
        return {
            "places": places.astype(np.int32),
            "sums": self._sums[:, places],
            "pairs": self._pairs[places],
            "squares": self._squares,
            "even": self._even,
        }

    def merge(self, state: State, documents: Array) -> None:
        places = state["places"]
        self._sums[:, places] += state["sums"]
        self._pairs[places] += state["pairs"]
        self._squares += state["squares"]
        self._even += state["even"]

    def explained(self) -> Array:
        """(heads,): the share of variance around equal attention that the offset explains; NaN
        without any."""
        with np.errstate(invalid="ignore", divide="ignore"):
            fitted = np.where(self._pairs > 0, self._sums**2 / self._pairs, 0).sum(-1)
            varied = self._squares - self._even
            share: Array = np.where(
                varied > 1e-9 * self._squares, (fitted - self._even) / varied, np.nan
            )
        return share.clip(0, 1)

    def counts(self) -> list[int]:
        """How many rows may see a key at each offset from −16 to 16."""
        near = slice(FAR - SHOWN, FAR + SHOWN + 1)
        return [int(count) for count in self._pairs[near]]

    def values(self) -> list[list[float | None]]:
        """Mean attention at each offset from −16 to 16, over rows that may see such a key, one list
        per head; None where none may."""
        near = slice(FAR - SHOWN, FAR + SHOWN + 1)
        pairs, sums = self._pairs[near], self._sums[:, near]
        return [
            [float(s / n) if n else None for s, n in zip(profile, pairs, strict=True)]
            for profile in sums
        ]


class WeightedProfile(ArraySums):
    """Sums of attention by offset j − i in rows that do not sum to 1, made to, each weighted by its
    sum: the share of variance around equal attention that the offset explains."""

    SUMMED = ("sums", "weights", "squares", "even", "mass")

    def __init__(self, heads: int) -> None:
        self.sums, self.weights = np.zeros((2, heads, 2 * FAR + 1))
        self.squares, self.even, self.mass = np.zeros((3, heads))

    def add(self, a: Array, mass: Array, at: Array, allowed: Array) -> None:
        """Take in attention (heads, rows, K) of queries at these ascending positions, the sum of
        each row (heads, rows), and what may be seen (rows, K)."""
        if not len(at):
            return
        from attnviz.heads.place_counting import (
            add_by_offset,  # numba takes half a second to import
        )

        add_by_offset(self.sums, np.ascontiguousarray(a), np.ones(a.shape[:2]), at)
        # What could be at an offset: the sums of the rows that may see a key there.
        add_by_offset(self.weights, allowed[None], mass, at)
        with np.errstate(invalid="ignore", divide="ignore"):
            squares = np.einsum("hrk,hrk->hr", a, a) / mass
        self.squares += np.where(mass > 0, squares, 0).sum(-1)
        self.even += (mass / allowed.sum(-1)).sum(-1)
        self.mass += mass.sum(-1)

    def explained(self) -> Array:
        """(heads,), from 0 to 1; NaN without any variance."""
        with np.errstate(invalid="ignore", divide="ignore"):
            fitted = np.where(self.weights > 0, self.sums**2 / self.weights, 0).sum(-1)
            varied = self.squares - self.even
            share: Array = np.where(
                varied > 1e-9 * self.squares, (fitted - self.even) / varied, np.nan
            )
        return share.clip(0, 1)
