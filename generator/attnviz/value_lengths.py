"""How long values are: their codes, and attention weighted by them.

Kobayashi et al. 2020 ("Attention is Not Only a Weight") weigh attention a(q, k) by the length of
what key k brings, ‖f(x_k)‖. Here that is ‖v_k‖, the length of the value vector as the head has it,
before its output projection: what the attention product itself takes in, so known wherever that
product is. docs/decisions/capture.md says what the projection would change.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.score import Array

_LARGEST: Final = 255


@dataclass(frozen=True)
class LengthCodes:
    """Lengths of one head's values: `codes` (keys,) uint8, and the smallest and the largest length
    above 0, which codes 1 and 255 stand for; code 0 is 0."""

    codes: Array
    lo: float
    hi: float

    def lengths(self) -> Array:
        """(keys,), float64: lo · (hi / lo)^((code − 1) / 254), so that an error is relative."""
        steps = (self.codes.astype(np.float64) - 1) / (_LARGEST - 1)
        return np.where(self.codes == 0, 0.0, self.lo * (self.hi / self.lo) ** steps)


def encode_lengths(lengths: Array) -> LengthCodes:
    """Codes of lengths (keys,). No length is off by more than √(hi / lo)^(1 / 254) − 1 of itself.

    >>> encode_lengths(np.array([1.0, 0.0, 4.0])).codes.tolist()
    [1, 0, 255]
    """
    above = lengths[lengths > 0].astype(np.float32)
    if not len(above):
        return LengthCodes(np.zeros(len(lengths), np.uint8), 1.0, 1.0)
    lo, hi = float(above.min()), float(above.max())
    with np.errstate(divide="ignore"):
        octaves = np.log(np.maximum(lengths, 0).astype(np.float64) / lo)
    steps = octaves / np.log(hi / lo) if hi > lo else np.zeros(len(lengths))
    codes = 1 + np.rint(np.clip(steps, 0, 1) * (_LARGEST - 1))
    return LengthCodes(np.where(lengths > 0, codes, 0).astype(np.uint8), lo, hi)


def weigh(attention: Array, lengths: Array) -> Array:
    """Attention (…, queries, keys) weighted by the lengths of values (…, keys): a‖v‖, each row
    divided by its sum, float64. A row is NaN where it brings nothing.

    >>> weigh(np.array([[0.5, 0.5]]), np.array([1.0, 3.0])).tolist()
    [[0.25, 0.75]]
    """
    brought = attention * lengths[..., None, :]
    with np.errstate(invalid="ignore", divide="ignore"):
        weighted: Array = brought / brought.sum(-1, keepdims=True)
    return weighted
