"""The document view's two panels of text: their tokens, and how far each is shaded."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator

from tests.browser.screenshot import colors, rgb
from tests.browser.visit import Visit


def panel(there: Visit, number: int) -> Locator:
    """Where the token looks (0), who looks at it (1)."""
    return there.find(".text-panel").nth(number)


def token(there: Visit, number: int, panel_number: int = 0) -> Locator:
    return panel(there, panel_number).locator(f"[data-token='{number}']")


def shades(there: Visit, panel_number: int) -> NDArray[np.float64]:
    """How far each token's background is from the page's, 0 where it has none."""
    script = "all => all.map(e => getComputedStyle(e).backgroundColor)"
    page = colors(there)["page"].astype(float)
    backgrounds = panel(there, panel_number).locator(".token").evaluate_all(script)
    return np.array(
        [
            0.0 if color.endswith(", 0)") else np.abs(rgb(color) - page).sum()
            for color in backgrounds
        ]
    )


def agrees(shade: NDArray[np.float64], values: NDArray[np.floating]) -> bool:
    """Whether more attention is never less shade, whether the most has the most, and whether there
    are degrees."""
    order = np.argsort(values)
    return bool((np.diff(shade[order]) >= 0).all() and shade[values.argmax()] == shade.max() > 0)
