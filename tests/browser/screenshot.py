"""Pixels of the page as they are on the screen, and what is drawn in them."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tests.browser.visit import Visit

Pixels = NDArray[np.int16]
"""(height, width, 3): red, green, blue, 0 … 255."""
Box = Sequence[float]
"""Left, top, width, height."""


def screenshot(visit: Visit) -> Pixels:
    """The window as it is now."""
    return np.asarray(Image.open(io.BytesIO(visit.page.screenshot())).convert("RGB")).astype(
        np.int16
    )


def part(pixels: Pixels, box: Box, inset: int = 0) -> Pixels:
    """The pixels of a box, without `inset` of them at each edge."""
    left, top, width, height = box
    rows = slice(round(top) + inset, round(top + height) - inset)
    return pixels[rows, round(left) + inset : round(left + width) - inset]


def rgb(color: str) -> NDArray[np.int16]:
    """The numbers of a colour as styles have it: `rgb(1, 2, 3)`, `rgba(…)` or `#010203`."""
    if color.startswith("#"):
        return np.array([int(color[i : i + 2], 16) for i in (1, 3, 5)], np.int16)
    return np.array([float(n) for n in re.findall(r"[\d.]+", color)[:3]]).round().astype(np.int16)


def colors(visit: Visit) -> dict[str, NDArray[np.int16]]:
    """The page's colours by name, in its present theme."""
    names = ["page", "query", "key", "accent", "ink"]
    script = (
        "(root, names) => names.map(n => getComputedStyle(root).getPropertyValue(`--${n}`).trim())"
    )
    return {
        n: rgb(value)
        for n, value in zip(names, visit.find("html").evaluate(script, names), strict=True)
    }


def marked(pixels: Pixels, background: NDArray[np.int16], by: int = 30) -> NDArray[np.bool_]:
    """Which pixels are clearly not background."""
    mask: NDArray[np.bool_] = np.abs(pixels - background).max(-1) > by
    return mask


def near(
    mask: NDArray[np.bool_], places: NDArray[np.float64], radius: int = 1
) -> NDArray[np.bool_]:
    """For each place (x, y), whether any pixel within `radius` is in the mask. Places outside count
    as not."""
    grown = np.pad(mask, radius)
    views = np.lib.stride_tricks.sliding_window_view(grown, (2 * radius + 1, 2 * radius + 1)).any(
        (2, 3)
    )
    x, y = np.floor(places).astype(int).T
    inside = (x >= 0) & (y >= 0) & (x < mask.shape[1]) & (y < mask.shape[0])
    hits = np.zeros(len(places), bool)
    hits[inside] = views[y[inside], x[inside]]
    return hits
