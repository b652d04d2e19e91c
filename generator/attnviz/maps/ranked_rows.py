"""Keys in the order of their distance and of their score, and what the one tells of the other: the
measures of `geometry`, compiled.

A key stands in an order as one whole number: the leading bits of its value, which sort as the value
does, and the key's place in the row in as many of the last bits as are needed. So rows are sorted
as whole numbers, which NumPy does many at once; values that differ by less than 10⁻⁹ of themselves
count as tied.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from attnviz.engine.compiled import compiled
from attnviz.geometry import NEAREST
from attnviz.score import Array

_MAGNITUDE: Final = (1 << 63) - 1
_SIGN: Final = -(1 << 63)


def in_order(values: Array, allowed: Array, falling: bool = False) -> Array:
    """Each row's keys from the least value to the greatest, or the other way, as whole numbers,
    (heads, rows, keys) int64; keys that are not allowed (rows, keys) come last."""
    keys = np.empty(values.shape, np.int64)
    values = np.ascontiguousarray(values, np.float64)
    _encode(values, np.ascontiguousarray(allowed), _places(values), falling, keys)
    keys.sort(-1)
    return keys


def _places(values: Array) -> int:
    """The last bits, all set, that a key's place in its row takes."""
    keys: int = values.shape[-1]
    return (1 << (keys - 1).bit_length()) - 1


@compiled
def _encode(values: Any, allowed: Any, places: int, falling: bool, keys: Any) -> None:
    sign = np.int64(_SIGN)
    turned = sign if falling else np.int64(0)
    bits = values.view(np.int64)
    heads, rows, count = values.shape
    for head in range(heads):
        for i in range(rows):
            for j in range(count):
                number = bits[head, i, j] ^ turned
                if number == sign:
                    number = np.int64(0)  # −0, which is tied with 0
                # Of negative numbers the greater magnitude is the lesser.
                number ^= (number >> 63) & _MAGNITUDE
                if not allowed[i, j]:
                    number = _MAGNITUDE
                keys[head, i, j] = (number & ~places) | j


def truths(by_distance: Array, by_score: Array, attention: Array, allowed: Array) -> Array:
    """Top-3 mass and Spearman's correlation of distance and score of each row, (2, heads, rows), as
    `geometry` has them: from keys in the order of distance and of falling score, and attention
    (heads, rows, keys). NaN where a row says nothing."""
    result = np.full((2, *attention.shape[:2]), np.nan)
    counts = allowed.sum(-1)
    attention = np.ascontiguousarray(attention)
    _fill(by_distance, by_score, attention, counts, _places(attention), result)
    return result


@compiled
def _fill(
    by_distance: Any, by_score: Any, attention: Any, counts: Any, places: int, result: Any
) -> None:
    heads, rows, _ = attention.shape
    of_score = np.empty(attention.shape[2])
    of_distance = np.empty(attention.shape[2])
    for head in range(heads):
        for i in range(rows):
            count = counts[i]
            if count <= NEAREST:
                continue
            near, far = by_distance[head, i], by_score[head, i]
            mass, most = 0.0, 0.0
            for n in range(NEAREST):
                mass += attention[head, i, near[n] & places]
                most += attention[head, i, far[n] & places]
            if most > 0:
                result[0, head, i] = mass / most
            _ranks(near, count, places, of_distance)
            _ranks(far, count, places, of_score)
            product, first, second, middle = 0.0, 0.0, 0.0, (count + 1) / 2
            for n in range(count):
                j = near[n] & places
                a, b = of_distance[j] - middle, of_score[j] - middle
                product, first, second = product + a * b, first + a * a, second + b * b
            if first > 0 and second > 0:
                result[1, head, i] = -product / np.sqrt(first * second)


@compiled
def _ranks(keys: Any, count: int, places: int, ranks: Any) -> None:
    """Fill the ranks of a row's first `count` keys, at their places; ties share their mean rank."""
    start = 0
    while start < count:
        value, end = keys[start] & ~places, start + 1
        while end < count and keys[end] & ~places == value:
            end += 1
        for n in range(start, end):
            ranks[keys[n] & places] = (start + 1 + end) / 2
        start = end
