"""What may run together in one batch without a document being read otherwise than alone."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from math import ceil
from typing import Final

TARGET: Final = "target"
"""The axis that a decoder writes; blocks and scaled positions are those of other axes."""


@dataclass(frozen=True)
class Lengths:
    """How a model's reading depends on the number of tokens in its batch's longest document.

    long_above: lengths above which other frequencies of rotary embedding count, the same for all.
    scaled_above: lengths above which each length has frequencies of its own.
    block, blocks_above: tokens in a block, and the length above which attention goes by blocks and
    the axis is filled up to whole ones; 1 for no blocks.
    mixes: whether tokens take something from their neighbours whatever masks say, so that padding
    counts.
    """

    long_above: tuple[int, ...] = ()
    scaled_above: tuple[int, ...] = ()
    block: int = 1
    blocks_above: int = 0
    mixes: bool = False

    def alike(self, lengths: Mapping[str, int]) -> Hashable:
        """The same for documents that may run together; `lengths` are a document's by axis.

        >>> longrope = Lengths(long_above=(32,))
        >>> longrope.alike({"text": 23}) == longrope.alike({"text": 279})
        False
        """
        return tuple(self._alike(axis, length) for axis, length in sorted(lengths.items()))

    def _alike(self, axis: str, length: int) -> Hashable:
        if self.mixes:
            return length
        if axis == TARGET:
            return None
        return (
            tuple(length > limit for limit in self.long_above),
            tuple(length if length > limit else 0 for limit in self.scaled_above),
            ceil(length / self.block) if self._in_blocks(length) else 0,
        )

    def padded(self, axis: str, longest: int) -> int:
        """How many tokens an axis has in a batch whose longest document has `longest`.

        >>> Lengths(block=16, blocks_above=112).padded("text", 202)
        208
        """
        if axis == TARGET or not self._in_blocks(longest):
            return longest
        return ceil(longest / self.block) * self.block

    def _in_blocks(self, length: int) -> bool:
        return self.block > 1 and length > self.blocks_above
