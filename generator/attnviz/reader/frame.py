"""A page in a frame of its own, as a notebook's cell shows it: the frame's text is the page, and it
runs in a sandbox, so that neither reaches the other."""

from __future__ import annotations

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Final

LEAST: Final = 420
MOST: Final = 960
"""Pixels of a frame's height."""
_AROUND: Final = {"lines": 300, "patterns": 250, "atlas": 280, "document": 300, "tokens": 0}
"""Pixels of what stands around a view: bars, controls, words."""
_USUAL: Final = 720


def fitting_height(view: str | None, tokens: int, layers: int) -> int:
    """Pixels in which a view of so many tokens or layers is seen without scrolling, as far as that
    is no more than a screen."""
    rows = {"lines": 25 * tokens, "document": 9 * tokens, "patterns": 58 * layers}
    rows["atlas"] = 68 * layers
    if view not in rows:
        return _USUAL
    return max(LEAST, min(MOST, _AROUND[view] + rows[view]))


def framed(page: str, title: str, height: int) -> str:
    """The frame's HTML. The page may run scripts and offer downloads; it has no origin, so it
    reaches nothing of the notebook."""
    return (
        f'<iframe title="{html.escape(title)}" sandbox="allow-scripts allow-downloads"'
        f' allow="clipboard-write" width="100%" height="{height}" frameborder="0"'
        f' srcdoc="{html.escape(page)}"></iframe>'
    )


@dataclass(frozen=True)
class Cell:
    """What a cell shows: a page in a frame. As a cell's last value it is drawn; `display(cell)`
    draws it elsewhere."""

    page: str
    """The whole page, HTML; it needs nothing else."""
    title: str
    """The report's title."""
    height: int
    """Pixels of the frame's height."""

    def _repr_html_(self) -> str:
        return framed(self.page, self.title, self.height)

    def __repr__(self) -> str:
        return f"<attnviz: {self.title}, {len(self.page) / 1e6:.1f} MB of HTML>"

    def save(self, path: str | Path) -> Path:
        """Write the page to a file, which opens by a double click.

        Parameters:
            path: The file, such as `sentence.html`.

        Returns:
            The path.
        """
        Path(path).write_text(self.page, "utf-8")
        return Path(path)
