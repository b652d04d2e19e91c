"""Pairs of a query and a key counted by bands of attention, and those with the smallest numbers
found, in one pass over them, compiled. `bands` says what numbers are."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from attnviz.engine.compiled import compiled

_STEP: Final = np.uint64(0x9E3779B97F4A7C15)
_FIRST: Final = np.uint64(0xBF58476D1CE4E5B9)
_SECOND: Final = np.uint64(0x94D049BB133111EB)
_WORD: Final = np.uint64(32)
_SHIFTS: Final = np.uint64(30), np.uint64(27), np.uint64(31)


@compiled
def mixed(x: Any) -> Any:
    """SplitMix64's mixing (Steele, Lea & Flood 2014) of a number, or of all of an array, uint64."""
    x = x + _STEP
    x = (x ^ (x >> _SHIFTS[0])) * _FIRST
    x = (x ^ (x >> _SHIFTS[1])) * _SECOND
    return x ^ (x >> _SHIFTS[2])


@compiled
def count_pairs(
    stored: Any, allowed: Any, at: Any, content: Any, heads: Any, lows: Any, limits: Any,
    pairs: Any, attention: Any, least: Any, places: Any,
) -> None:  # fmt: skip
    """Add pairs and their attention to those of their cells, (cells,) int64 and float64, and find
    the few with the smallest numbers of each cell that are no larger than its limit.

    stored (heads, rows, K) is attention, `allowed` (rows, K) bool; at (rows,) are the queries'
    places. `content` is the mixed number of the document, `heads` those of the heads, uint64;
    `lows` float32 the least attention of all bands but the last. Cells are bands of heads; limits
    (cells,) uint64. Of the pairs found, `least` (cells, few) gets the numbers, ascending, and
    `places` (cells, few) int64 their places among rows × keys; −1 comes in, and stays where fewer
    are found.
    """
    keys = stored.shape[2]
    bands, last = len(lows) + 1, least.shape[1] - 1
    of_keys = np.empty(keys, np.uint64)
    for i in range(stored.shape[1]):
        query = np.uint64(at[i]) << _WORD
        for j in range(keys):
            of_keys[j] = mixed((query | np.uint64(j)) ^ content)
        for head in range(stored.shape[0]):
            for j in range(keys):
                if not allowed[i, j]:
                    continue
                weight = np.float32(stored[head, i, j])
                cell = head * bands
                for low in lows:
                    cell += weight < low
                pairs[cell] += 1
                attention[cell] += weight
                number = mixed(of_keys[j] ^ heads[head])
                if number > limits[cell]:
                    continue
                if places[cell, last] >= 0 and number >= least[cell, last]:
                    continue
                n = last
                while n > 0 and (places[cell, n - 1] < 0 or number < least[cell, n - 1]):
                    least[cell, n], places[cell, n] = least[cell, n - 1], places[cell, n - 1]
                    n -= 1
                least[cell, n], places[cell, n] = number, i * keys + j
