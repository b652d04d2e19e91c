"""One head's attention as a figure for a paper, drawn by matplotlib."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from attnviz.errors import InputError
from attnviz.exporters.attention_files import refuse_no_folder
from attnviz.score import Array

ENDINGS: Final = (".png", ".svg", ".pdf")
_MOST_NAMES: Final = 60
"""Tokens that are named along an axis; of more only every second, third, … has its name."""


@dataclass(frozen=True)
class HeadMatrix:
    """Attention (T, K) of one head on one document, with the names of queries and keys."""

    title: str
    attention: Array
    queries: Sequence[str]
    keys: Sequence[str]


def plot_head(head: HeadMatrix, path: Path) -> None:
    """Draw queries down and keys across, dark where there is more attention. Texts of an SVG stay
    texts, and the same matrix gives the same bytes.

    Raises InputError if the file's ending is none of `ENDINGS`, or without matplotlib.
    """
    if path.suffix.lower() not in ENDINGS:
        raise InputError(f"-o {path}: expected a file that ends in {', '.join(ENDINGS)}")
    refuse_no_folder(path)
    try:
        import matplotlib as mpl
        from matplotlib.figure import Figure
    except ImportError as error:
        raise InputError(
            "plot: matplotlib, which draws the figure, is not installed; pip install"
            " 'attnviz[plot]'"
        ) from error
    size = min(14.0, max(3.2, 0.22 * max(len(head.queries), len(head.keys)) + 1.6))
    with mpl.rc_context({"svg.fonttype": "none", "svg.hashsalt": "attnviz"}):
        figure = Figure(figsize=(size, size), layout="constrained")
        axes = figure.add_subplot()
        image = axes.imshow(head.attention, cmap="viridis", vmin=0, interpolation="nearest")
        _name(axes.xaxis, head.keys, rotation=90)
        _name(axes.yaxis, head.queries, rotation=0)
        axes.xaxis.tick_top()
        axes.xaxis.set_label_position("top")
        axes.set_xlabel("Key")
        axes.set_ylabel("Query")
        axes.set_title(head.title, parse_math=False)
        figure.colorbar(image, ax=axes, shrink=0.7, label="Attention")
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # letters that the font lacks are drawn as boxes
            figure.savefig(path, dpi=200, metadata=_WITHOUT_DATE[path.suffix.lower()])


_WITHOUT_DATE: Final[dict[str, dict[str, Any]]] = {
    ".png": {},
    ".svg": {"Date": None},
    ".pdf": {"CreationDate": None},
}


def _name(axis: Any, names: Sequence[str], rotation: int) -> None:
    """Names of tokens along an axis, as they are written: no formulas."""
    step = -(-len(names) // _MOST_NAMES)
    axis.set_ticks(range(0, len(names), step), names[::step])
    for label in axis.get_ticklabels():
        label.set(rotation=rotation, fontsize=8, parse_math=False)
