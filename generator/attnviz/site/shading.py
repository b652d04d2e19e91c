"""A text shaded by what its tokens get of a head's attention, without styles in the markup."""

from __future__ import annotations

from itertools import groupby
from typing import Any, Final

from attnviz.site.contexts import Piece, ShadedText
from attnviz.site.wording import percent

SHADES: Final = 6
"""Classes of shade, `s1` to `s6` in page.css; 0 is none."""
_NAMED: Final = 3
"""Tokens that are named with what they get."""


def shaded(document: Any, tokens: Any, received: Any, focus: float | None, href: str) -> ShadedText:
    """The text of a ReportDocument; `tokens` are its AxisTokens of the keys, and `received` (keys,)
    the attention that each gets, averaged over queries.

    The darkest shade is the token of the text that gets most; what stands for no text is named
    alone.
    """
    text: str = document.text
    most = max(
        (float(r) for r, start in zip(received, tokens.start, strict=True) if start >= 0),
        default=0.0,
    )
    shade = [0] * len(text)
    for share, start, end in zip(
        received.tolist(), tokens.start.tolist(), tokens.end.tolist(), strict=True
    ):
        if start >= 0 and most > 0:
            # Parts of one character share it: the darker shows.
            for place in range(start, end):
                shade[place] = max(shade[place], round(SHADES * share / most))
    pieces, at = [], 0
    for level, run in groupby(shade):
        length = len(list(run))
        pieces.append(Piece(text[at : at + length], level))
        at += length
    strongest = sorted(range(len(received)), key=lambda key: (-received[key], key))[:_NAMED]
    return ShadedText(
        title=document.title,
        href=href,
        focus=None if focus is None else percent(focus),
        pieces=tuple(pieces),
        strongest=tuple((tokens.names[key], percent(float(received[key]))) for key in strongest),
    )
