"""Sizes as configurations give them."""

from __future__ import annotations

from collections.abc import Sequence


def height_and_width(size: int | Sequence[int]) -> tuple[int, int]:
    """Height and width of a size that is one number for both, or two.

    >>> height_and_width(8)
    (8, 8)
    """
    return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))
