"""The page of tokens shaded by one score each: HTML without scripts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from markupsafe import Markup

from attnviz.site.bundle import templates_folder
from attnviz.site.contexts import LegendTick, ShadedRow, ShadedToken, TokenPage
from attnviz.site.policy import one_page_policy
from attnviz.site.templates import template
from attnviz.site.wording import number

STYLE: Final = "tokens.css"
_CONTROL: Final = {code: 0x2400 + code for code in range(0x20) if code != 9} | {0x7F: 0x2421}
"""Control characters by the pictures that stand for them."""
_LEGEND_WIDTH: Final = 480


@dataclass(frozen=True)
class ColoredToken:
    """A token, its score and its colour, #rrggbb."""

    text: str
    score: float
    color: str


@dataclass(frozen=True)
class ColoredRow:
    """A row of scores: the tokens; the colours of its scale from the lower to the upper of its
    `limits`; and the least, the mean and the largest score."""

    name: str
    tokens: tuple[ColoredToken, ...]
    legend: tuple[str, ...]
    limits: tuple[float, float]
    scores: tuple[float, float, float]


def token_page(title: str, words: str, rows: Sequence[ColoredRow]) -> str:
    """The page of some rows; `words` say how the scores became colours."""
    colors = sorted({token.color for row in rows for token in row.tokens})
    names = {color: f"c{n}" for n, color in enumerate(colors)}
    rules = "".join(
        f".{names[color]}{{background:{color};color:{_ink(color)}}}\n" for color in colors
    )
    css = (templates_folder() / STYLE).read_text("utf-8") + rules
    page = TokenPage(
        title=title,
        words=words,
        csp=one_page_policy(scripts=[], styles=[css]),
        css=Markup(css),  # ours, and free of markup
        rows=tuple(_shaded(row, names) for row in rows),
    )
    html = template(templates_folder(), "tokens.html.j2").render(vars(page))
    return html.encode("utf-8", "replace").decode()


def _shaded(row: ColoredRow, names: dict[str, str]) -> ShadedRow:
    low, high = row.limits
    share = [(score - low) / (high - low) if high > low else 0.5 for score in row.scores]
    ticks = zip(("least", "mean", "most"), share, row.scores, strict=True)
    return ShadedRow(
        name=row.name.translate(_CONTROL),
        tokens=tuple(
            ShadedToken(token.text.translate(_CONTROL), _score(token.score), names[token.color])
            for token in row.tokens
        ),
        legend=row.legend,
        step=_LEGEND_WIDTH / len(row.legend),
        ticks=tuple(
            LegendTick(word, _score(score), round(_LEGEND_WIDTH * min(1.0, max(0.0, at)), 1))
            for word, at, score in ticks
        ),
        limits=(_score(low), _score(high)),
    )


def _score(value: float) -> str:
    """A score of any size, three significant digits where that is not long."""
    return number(value) if value == 0 or 1e-4 <= abs(value) < 1e7 else f"{value:.3g}"


def _ink(color: str) -> str:
    """Black or white, whichever has more contrast with a background #rrggbb (WCAG)."""
    channels = [int(color[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    luminance = sum(w * c for w, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))
    return "#000" if (luminance + 0.05) ** 2 > 0.05 * 1.05 else "#fff"
