"""The page of tokens shaded by one score each."""

from __future__ import annotations

from typing import Any, Final

import numpy as np

from attnviz.documents.score_scale import USUAL_MAP, colors_of, limits
from attnviz.documents.token_scores import TokenScores
from attnviz.errors import InputError
from attnviz.importers.checking import check_characters
from attnviz.site.token_page import ColoredRow, ColoredToken, token_page

STEPS: Final = 48
"""Colours of a legend."""


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
    names = tuple(f"row {number}" for number in range(len(rows)))
    return TokenScores(texts, rows, names)


def render_scores(
    scores: TokenScores, title: str, cmap: str = USUAL_MAP, alpha: float = 1.0
) -> str:
    """The page, HTML without scripts, which asks nothing of the network. Raises InputError of a
    colour map that there is not, and where alpha turns the scale around."""
    rows = []
    for name, row in zip(scores.names, scores.scores, strict=True):
        low, high = limits(row, alpha)
        colors = colors_of(row, low, high, cmap)
        tokens = zip(scores.tokens, row.tolist(), colors, strict=True)
        steps = np.linspace(low, high, STEPS) if high > low else np.array([low])
        rows.append(
            ColoredRow(
                name=name if len(scores.names) > 1 else "",
                tokens=tuple(ColoredToken(*token) for token in tokens),
                legend=tuple(colors_of(steps, low, high, cmap)),
                limits=(low, high),
                scores=(float(row.min()), float(row.mean()), float(row.max())),
            )
        )
    return token_page(title, f"Colour map {cmap}, alpha {alpha:g}.", rows)
