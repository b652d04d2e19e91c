"""Attention by how far a key is from its query, which is j − i places."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.score import Array

NEAR: Final = 3
"""How far from its query a key is that is near."""


@dataclass(frozen=True)
class DistanceSums:
    """Of each row Σ a |i − j|, Σ a |i − j|², and what is at most 3 places away, (heads, rows)."""

    distance: Array
    square: Array
    near: Array


def distance_sums(attention: Array, at: Array) -> DistanceSums:
    """Those of attention (heads, rows, K) of queries at these places (rows,)."""
    from attnviz.heads import place_counting  # numba takes half a second to import

    return DistanceSums(*place_counting.distance_sums(np.ascontiguousarray(attention), at, NEAR))


def at_offset(attention: Array, allowed: Array, at: Array, offset: int) -> tuple[Array, Array]:
    """The attention of queries at these places (rows,) on the key so far away, (heads, rows), 0
    where they may not see it; and which of them may, (rows,)."""
    row, key = np.arange(len(at)), at + offset
    there = (key >= 0) & (key < allowed.shape[1])
    key = np.where(there, key, 0)
    there &= allowed[row, key]
    return np.where(there, attention[:, row, key], 0.0), there
