"""Integers in few bits: Rice codes of the channels of vectors.

Each value is brought to u ≥ 0 by zigzag (0, −1, 1, −2 … become 0, 1, 2, 3 …) and split at its
channel's width w: the low w bits of u lie in one stream of bits, u >> w in another, as that many
zeros and a one (R. F. Rice 1979, *Some practical universal noiseless coding techniques*). Channels
follow one another, in each its tokens; the first bit of a byte is its lowest.

An outlier costs bits for itself alone, where codes of one width would widen all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.score import Array

LARGEST: Final = 2**23 - 1
"""The largest magnitude of a value: twice that is exact in float32, too."""


@dataclass(frozen=True)
class RiceCodes:
    """Values of some channels and tokens: `offset` int32 and `width` uint8, (channels,) each, and
    two streams of bits, uint8."""

    offset: Array
    width: Array
    high: Array
    low: Array


def pack(values: Array) -> RiceCodes:
    """Codes of integers (tokens, channels), of magnitude up to `LARGEST`.

    >>> codes = pack(np.array([[5], [6], [4]]))
    >>> codes.offset, codes.width, codes.high, unpack(codes, 3).ravel()
    (array([5], dtype=int32), array([0], dtype=uint8), array([41], dtype=uint8), array([5, 6, 4]))
    """
    offset, u = _folded(values)
    width = _widths(u)
    high = (u >> width[:, None]).ravel()
    ends = np.cumsum(high + 1)
    unary = np.zeros(int(ends[-1]) if len(ends) else 0, np.uint8)
    unary[ends - 1] = 1
    kept = _places(width, values.shape[0])  # (channel, token, bit)
    binary = (u[:, :, None] >> np.arange(kept.shape[2])) & 1
    return RiceCodes(
        offset=offset.astype(np.int32),
        width=width.astype(np.uint8),
        high=np.packbits(unary, bitorder="little"),
        low=np.packbits(binary[kept].astype(np.uint8), bitorder="little"),
    )


def unpack(codes: RiceCodes, tokens: int) -> Array:
    """The integers (tokens, channels) int64 of so many tokens.

    Raises LookupError where the streams do not have as many values.
    """
    width = codes.width.astype(np.int64)
    count = tokens * len(width)
    ones = np.flatnonzero(np.unpackbits(codes.high, bitorder="little"))
    bits = int(width.sum()) * tokens
    if width.max(initial=0) > _WIDEST or len(ones) != count or len(codes.low) != -(-bits // 8):
        raise LookupError(
            f"{len(ones)} values in {len(codes.low)} bytes where {count} are expected"
        )
    high = np.diff(ones, prepend=-1) - 1
    kept = _places(width, tokens)
    binary = np.zeros(kept.shape, np.int64)
    binary[kept] = np.unpackbits(codes.low, count=bits, bitorder="little")
    low = binary @ (1 << np.arange(kept.shape[2]))
    u = (high.reshape(len(width), tokens) << width[:, None]) + low
    values: Array = ((u >> 1) ^ -(u & 1)) + codes.offset.astype(np.int64)[:, None]
    return values.T


def packed_bits(values: Array) -> int:
    """How many bits `pack` needs for the integers (tokens, channels), both streams together."""
    _, u = _folded(values)
    width = _widths(u)
    return int((u >> width[:, None]).sum() + u.shape[1] * (width + 1).sum())


_WIDEST: Final = 25


def _folded(values: Array) -> tuple[Array, Array]:
    """The channels' means, rounded, (channels,) and what is left of each value by zigzag,
    (channels, tokens), int64 both."""
    offset = np.rint(values.mean(0)).astype(np.int64) if len(values) else np.zeros(values.shape[1])
    left = values.T.astype(np.int64) - offset.astype(np.int64)[:, None]
    return offset, (left << 1) ^ (left >> 63)


def _widths(u: Array) -> Array:
    """The width of each channel that needs the fewest bits, (channels,) int64: of a geometric
    distribution it is about log2 of the mean times ln 2; that, or one beside it."""
    if not u.shape[1]:
        return np.zeros(len(u), np.int64)
    guess = np.log2(np.maximum(u.mean(1) * np.log(2), 1)).astype(np.int64)
    tried = np.clip(guess + np.array([[0], [1], [-1]]), 0, _WIDEST)  # (try, channel)
    bits = (u[None] >> tried[:, :, None]).sum(-1) + tried * u.shape[1]
    best: Array = np.take_along_axis(tried, bits.argmin(0)[None], 0)[0]
    return best


def _places(width: Array, tokens: int) -> Array:
    """Which bits of the low part each value has, (channel, token, bit) boolean."""
    mask = np.arange(int(width.max(initial=0))) < width[:, None, None]
    return np.broadcast_to(mask, (len(width), tokens, mask.shape[2]))
