"""Attention within windows of a grid that every other layer shifts (Swin, Liu et al. 2021).

The model cuts its grid into windows and attends within each; every other layer cuts a grid that is
shifted around its edges, and forbids what only the shift has made neighbours.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.architectures.sizes import height_and_width
from attnviz.score import Array


def stage_windows(config: Any) -> dict[str, AttentionWindows]:
    """A Swin's axes: one for each stage, and one more where every other layer's grid is shifted."""
    sides = zip(
        height_and_width(config.image_size), height_and_width(config.patch_size), strict=True
    )
    rows, columns = (math.ceil(side / patch) for side, patch in sides)
    axes = {}
    for stage, depth in enumerate(config.depths, 1):
        window = min(config.window_size, rows, columns)
        axes[f"stage{stage}"] = cut_grid(rows, columns, window, 0)
        if depth > 1 and min(rows, columns) > config.window_size:
            shift = config.window_size // 2
            axes[f"stage{stage}-shifted"] = cut_grid(rows, columns, window, shift)
        rows, columns = math.ceil(rows / 2), math.ceil(columns / 2)
    return axes


def stage_axis(path: str, axes: Mapping[str, AttentionWindows]) -> str:
    """The axis of a block's attention: of every other block of a stage the shifted one, where the
    stage has one."""
    match = _BLOCK.search(path)
    stage, block = (0, 0) if match is None else (int(number) for number in match.groups())
    axis = f"stage{stage + 1}"
    return f"{axis}-shifted" if block % 2 and f"{axis}-shifted" in axes else axis


_BLOCK: Final = re.compile(r"layers\.(\d+)\.blocks\.(\d+)\.")


def cut_grid(rows: int, columns: int, window: int, shift: int) -> AttentionWindows:
    """A grid cut into windows of `window` × `window` patches after moving it up and left by `shift`
    around its edges.

    >>> cut_grid(2, 4, 2, 0).column.tolist()
    [0, 1, 0, 1, 2, 3, 2, 3]
    """
    height, width = (math.ceil(side / window) * window for side in (rows, columns))
    grid = np.indices((height, width))
    row, column = (_cut(np.roll(places, (-shift, -shift), (0, 1)), window) for places in grid)
    # Regions as in the model: by which strip of the shifted grid a place is in.
    strip = [
        (place >= side - window).astype(int) + (place >= side - shift) if shift else place * 0
        for place, side in zip(grid, (height, width), strict=True)
    ]
    region = _cut(strip[0] * 3 + strip[1], window)
    # Tokens by window, then region; what fills up the grid has no place in it.
    inside = (row < rows) & (column < columns)
    order = np.lexsort((np.arange(len(row)), region, np.arange(len(row)) // window**2))
    across, down = (np.where(inside, place, -1)[order] for place in (column, row))
    return AttentionWindows(
        size=window**2, order=order, region=region[order], row=down, column=across
    )


def _cut(grid: Array, window: int) -> Array:
    """A grid's values window after window, row by row in each."""
    height, width = grid.shape
    cut: Array = (
        grid.reshape(height // window, window, width // window, window)
        .transpose(0, 2, 1, 3)  # (window row, window column, row, column)
        .reshape(-1)
    )
    return cut
