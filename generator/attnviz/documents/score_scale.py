"""Colours of scores, as viz.py has them.

The scale is that of Shrey Desai's attention-viz (viz.py, 2019): with off = mean(scores) · alpha,
matplotlib's Normalize(vmin=min − off, vmax=max + off), then a colour map. A lower alpha gives more
contrast, a higher one draws all colours to the middle of the map.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from attnviz.errors import InputError
from attnviz.score import Array

USUAL_MAP: Final = "BuGn"


@dataclass(frozen=True)
class ScoreScale:
    """How a row of scores becomes colours: the colour map's name, its `alpha`, vmin and vmax, and
    the least, the mean and the largest score; `colors` are those of the map, from its lower end to
    its upper, six hexadecimal digits each."""

    cmap: str
    alpha: float
    limits: tuple[float, float]
    extremes: tuple[float, float, float]
    colors: str


def scale_of(scores: Array, cmap: str, alpha: float) -> ScoreScale:
    """The scale of one row of scores (tokens,). Raises InputError as `limits` and `colors_of`."""
    colormap = _colormap(cmap)
    rgb = np.round(255 * colormap(np.arange(colormap.N))[:, :3]).astype(np.uint8)
    extremes = float(scores.min()), float(scores.mean()), float(scores.max())
    return ScoreScale(cmap, alpha, limits(scores, alpha), extremes, rgb.tobytes().hex())


def limits(row: Array, alpha: float) -> tuple[float, float]:
    """vmin and vmax of viz.py's scale for one row of scores. Raises InputError where vmin would be
    above vmax."""
    if not math.isfinite(alpha):
        raise InputError(f"alpha: is {alpha}; expected a finite number, such as 1.0")
    off = float(row.mean()) * alpha
    low, high = float(row.min()) - off, float(row.max()) + off
    if low > high:
        most = float(row.max() - row.min()) / (2 * abs(float(row.mean())))
        sign = "at least -" if alpha < 0 else "at most "
        raise InputError(
            f"alpha: {alpha:g} turns the scale around, as the scores' mean is {row.mean():.4g};"
            f" expected {sign}{most:.4g} for these scores, such as 0"
        )
    return low, high


def colors_of(values: Array, low: float, high: float, cmap: str) -> list[str]:
    """The colours of values as #rrggbb. Raises InputError of a colour map that there is not."""
    colormap = _colormap(cmap)
    from matplotlib.colors import Normalize, to_hex

    normalize = Normalize(vmin=low, vmax=high)
    return [to_hex(colormap(normalize(value))) for value in values.tolist()]


def _colormap(cmap: str) -> Any:
    """matplotlib's colour map of this name."""
    try:
        import matplotlib as mpl
    except ImportError as error:
        raise InputError(
            "cmap: matplotlib, whose colour maps are taken, is not installed; pip install"
            " 'attnviz[plot]'"
        ) from error
    if cmap not in mpl.colormaps:
        import difflib

        near = difflib.get_close_matches(cmap, list(mpl.colormaps), 1, 0.5)
        hint = f"; did you mean {near[0]}?" if near else ""
        raise InputError(
            f"cmap: matplotlib has no colour map {cmap!a}; expected one such as BuGn, viridis or"
            f" RdBu{hint}"
        )
    return mpl.colormaps[cmap]
