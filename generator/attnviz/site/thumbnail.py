"""Attention as a small picture in the page itself: an SVG without styles, which is drawn even where
a policy forbids styles, scripts and images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

CELLS: Final = 16
"""Rows and columns of a thumbnail, at most."""
SHADES: Final = (0.08, 0.18, 0.34, 0.55, 0.78, 1.0)
"""Opacities that a cell may have."""
_EXPONENT: Final = 0.55
"""As the viewer shades: a probability of 1 % is still seen."""


@dataclass(frozen=True)
class Shade:
    """Cells of one opacity, as the path of an SVG."""

    opacity: float
    path: str


@dataclass(frozen=True)
class Thumbnail:
    """A picture of one head's attention, `width` × `height` cells, keys from left to right, queries
    from top to bottom."""

    width: int
    height: int
    shades: tuple[Shade, ...]


def thumbnail(attention: Any) -> Thumbnail:
    """The picture of attention (queries, keys), a NumPy array of probabilities; each cell has the
    largest of what it covers, so that peaks survive. What is not defined stays empty."""
    queries, keys = attention.shape
    height, width = min(CELLS, queries), min(CELLS, keys)
    cells: dict[int, list[tuple[int, int]]] = {}
    for row, part in enumerate(_parts(queries, height)):
        for column, across in enumerate(_parts(keys, width)):
            values = attention[part, across]
            defined = values[values == values]
            shade = _shade(float(defined.max())) if defined.size else 0
            if shade:
                cells.setdefault(shade, []).append((column, row))
    shades = (
        Shade(SHADES[number - 1], "".join(f"M{x} {y}h1v1h-1z" for x, y in cells[number]))
        for number in sorted(cells)
    )
    return Thumbnail(width, height, tuple(shades))


def _parts(length: int, count: int) -> Iterator[slice]:
    for part in range(count):
        yield slice(part * length // count, (part + 1) * length // count)


def _shade(probability: float) -> int:
    """The number of a shade, from 1; 0 for none."""
    return min(len(SHADES), int(probability**_EXPONENT * (len(SHADES) + 0.5)))
