"""One score per token, such as attention or saliency: read, and coloured as viz.py does.

The scale is that of Shrey Desai's attention-viz (viz.py, 2019): with off = mean(scores) · alpha,
matplotlib's Normalize(vmin=min − off, vmax=max + off), then a colour map. A lower alpha gives more
contrast, a higher one draws all colours to the middle of the map.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from attnviz.config.regular_files import MOST_JSON, fault_of_file
from attnviz.errors import InputError
from attnviz.importers.checking import check_characters
from attnviz.score import Array
from attnviz.site.token_page import ColoredRow, ColoredToken, token_page

USUAL_MAP: Final = "BuGn"
STEPS: Final = 48
"""Colours of a legend."""


@dataclass(frozen=True)
class TokenScores:
    """Tokens, and rows of scores (rows, tokens), each with a name."""

    tokens: tuple[str, ...]
    scores: Array
    names: tuple[str, ...]


def read_scores(text_path: Path, score_paths: Sequence[Path]) -> TokenScores:
    """Tokens and scores from files, one a line; blank lines do not count. A file of scores may have
    several numbers a line, each a row of its own.

    Raises InputError with file and line: of a file that is empty, of what is no finite number, and
    where tokens and scores do not match.
    """
    tokens = _lines(text_path, "a token")
    rows: list[Array] = []
    names: list[str] = []
    for path in score_paths:
        table = _numbers(path)
        if len(table) != len(tokens):
            raise InputError(_mismatch(text_path, tokens, path, table))
        columns = np.array([numbers for _, numbers in table]).T
        several = len(columns) > 1
        names += [f"{path.name}, {n + 1}" if several else path.name for n in range(len(columns))]
        rows += list(columns)
    if len(names) == 1:
        names = [""]
    return TokenScores(tuple(text for _, text in tokens), np.array(rows), tuple(names))


def given_scores(tokens: Any, scores: Any) -> TokenScores:
    """The same from Python: `scores` are (tokens) or (rows, tokens). Raises InputError where they
    are not, or are not finite."""
    texts = tuple(tokens) if not isinstance(tokens, str) and tokens is not None else ()
    if not texts or not all(isinstance(text, str) for text in texts):
        raise InputError("tokens: expected a list of texts, one for each score")
    check_characters(texts, "tokens")
    try:
        array = np.asarray(scores, np.float64)
    except (TypeError, ValueError):
        raise InputError("scores: expected numbers, or several rows of numbers") from None
    rows = array[None] if array.ndim == 1 else array
    if rows.ndim != 2 or not len(rows) or rows.shape[1] != len(texts):
        raise InputError(
            f"scores: their shape is {array.shape}; expected ({len(texts)},), a score for each"
            f" token, or (rows, {len(texts)})"
        )
    if not np.isfinite(rows).all():
        row, token = np.argwhere(~np.isfinite(rows))[0]
        raise InputError(
            f"scores: row {row} has {rows[row, token]} for token {token}; expected finite numbers"
        )
    names = ("",) if len(rows) == 1 else tuple(f"row {number}" for number in range(len(rows)))
    return TokenScores(texts, rows, names)


def render_scores(
    scores: TokenScores, title: str, cmap: str = USUAL_MAP, alpha: float = 1.0
) -> str:
    """The page, HTML without scripts, which asks nothing of the network. Raises InputError of a
    colour map that there is not, and where alpha turns the scale around."""
    rows = []
    for name, row in zip(scores.names, scores.scores, strict=True):
        low, high = limits(row, alpha)
        colors = _colors(row, low, high, cmap)
        tokens = zip(scores.tokens, row.tolist(), colors, strict=True)
        steps = np.linspace(low, high, STEPS) if high > low else np.array([low])
        rows.append(
            ColoredRow(
                name=name,
                tokens=tuple(ColoredToken(*token) for token in tokens),
                legend=tuple(_colors(steps, low, high, cmap)),
                limits=(low, high),
                scores=(float(row.min()), float(row.mean()), float(row.max())),
            )
        )
    return token_page(title, f"Colour map {cmap}, alpha {alpha:g}.", rows)


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


def _colors(values: Array, low: float, high: float, cmap: str) -> list[str]:
    """The colours of values as #rrggbb."""
    try:
        import matplotlib as mpl
        from matplotlib.colors import Normalize, to_hex
    except ImportError as error:
        raise InputError(
            "tokens: matplotlib, whose colour maps are taken, is not installed; pip install"
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
    normalize, colormap = Normalize(vmin=low, vmax=high), mpl.colormaps[cmap]
    return [to_hex(colormap(normalize(value))) for value in values.tolist()]


_Line = tuple[int, str]
"""The number of a line, from 1, and its text."""


def _lines(path: Path, what: str) -> list[_Line]:
    """The lines of a file that are not blank."""
    if not path.exists():
        raise InputError(f"{path}: there is no such file; expected {what} on each line")
    if fault := fault_of_file(path, MOST_JSON):
        raise InputError(f"{path}: {fault}; expected {what} on each line")
    lines: list[_Line] = []
    for number, raw in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            text = raw.decode("utf-8").removesuffix("\r")
        except UnicodeDecodeError:
            raise InputError(f"{path}:{number}: is not UTF-8; expected {what}") from None
        if text.strip():
            lines.append((number, text))
    if not lines:
        raise InputError(f"{path}:1: the file is empty; expected {what} on each line")
    return lines


def _numbers(path: Path) -> list[tuple[int, list[float]]]:
    """The numbers of each line."""
    table: list[tuple[int, list[float]]] = []
    for number, text in _lines(path, "a score"):
        row = [_number(word, f"{path}:{number}") for word in text.split()]
        if table and len(row) != len(table[0][1]):
            raise InputError(
                f"{path}:{number}: has {len(row)} numbers; expected {len(table[0][1])}, as on line"
                f" {table[0][0]}"
            )
        table.append((number, row))
    return table


def _number(word: str, where: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"{where}: {word[:40]!a} is no finite number; expected a score such as 0.25"
        )
    return value


def _mismatch(
    text_path: Path, tokens: Sequence[_Line], path: Path, table: Sequence[tuple[int, Any]]
) -> str:
    """What is to be said of other numbers of tokens and scores: the first line without a
    partner."""
    counts = f"{len(tokens)} tokens and {len(table)} scores"
    if len(tokens) > len(table):
        number = tokens[len(table)][0]
        return f"{text_path}:{number}: this token has no score in {path} ({counts})"
    return f"{path}:{table[len(tokens)][0]}: this score has no token in {text_path} ({counts})"
