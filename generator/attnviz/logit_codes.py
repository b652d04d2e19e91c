"""Codes of what parts of a model add to logits: whole numbers of one step for each token, so that
no number is off by more than half a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from attnviz.score import Array

UNKNOWN: Final = -(2**15)
"""The code of a head whose part is not told apart from that of its block."""


@dataclass(frozen=True)
class LogitCodes:
    """`codes` (tokens, n) int16 or int8, and `scales` (tokens,) float32: what a code is times."""

    codes: Array
    scales: Array

    def logits(self) -> Array:
        """(tokens, n) float64; NaN where it is not known."""
        logits = self.codes.astype(np.float64) * self.scales.astype(np.float64)[:, None]
        return np.where(self.codes == UNKNOWN, np.nan, logits)


def encode_logits(logits: Array, dtype: type[np.signedinteger[Any]]) -> LogitCodes:
    """Codes of logits (tokens, n), int16 or int8. None is off by more than half of a scale, the
    largest of its token over twice the largest code; NaN is kept, by int16 alone.

    >>> encode_logits(np.array([[1.27, -0.5, 0.0]]), np.int8).codes.tolist()
    [[127, -50, 0]]
    """
    levels = np.iinfo(dtype).max
    known = np.nan_to_num(logits)
    scales = (np.abs(known).max(-1, initial=0) / levels).astype(np.float32)
    scales = np.where(scales > 0, scales, np.float32(1))
    codes = np.rint(known / scales[:, None].astype(np.float64)).clip(-levels, levels)
    return LogitCodes(np.where(np.isnan(logits), UNKNOWN, codes).astype(dtype), scales)


def largest_error(codes: LogitCodes, logits: Array) -> float:
    """The most that a number is off by, in logits; 0 of none."""
    off = np.abs(codes.logits() - logits)
    return float(np.nan_to_num(off).max(initial=0.0))
