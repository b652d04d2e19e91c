"""`attnviz tokens`: tokens shaded by one score each."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from attnviz.errors import InputError
from attnviz.terminal import say

TOKENS = (
    "Examples:  attnviz tokens --text-path tokens.txt --score-path scores.txt > page.html   ·  "
    " attnviz tokens --text-path tokens.txt --score-path saliency.txt --cmap RdBu --alpha 0 -o"
    " page.html"
)


def tokens(
    text_path: Annotated[
        Path,
        typer.Option(
            "--text-path", "--text_path", metavar="FILE", help="Tokens, one on each line."
        ),
    ],
    score_path: Annotated[
        list[Path],
        typer.Option(
            "--score-path",
            "--score_path",
            metavar="FILE",
            help="Scores, one on each line, or several for several rows; may be given many times.",
        ),
    ],
    cmap: Annotated[str, typer.Option(metavar="NAME", help="A colour map of matplotlib.")] = "BuGn",
    alpha: Annotated[
        float,
        typer.Option(
            metavar="X",
            help="Room below and above the scores, in means: less gives more contrast, more draws"
            " all colours to the middle.",
        ),
    ] = 1.0,
    out: Annotated[
        Path | None,
        typer.Option("--out", "-o", metavar="FILE", help="The page.  [default: standard output]"),
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="The page's title.")] = None,
) -> None:
    """Shade tokens by one score each, such as attention or saliency: one HTML page.

    The scale is that of viz.py: off = mean(scores) · alpha, from min - off to max + off. Blank
    lines do not count.
    """  # fmt: skip
    from attnviz.documents.token_scores import read_scores
    from attnviz.exporters.token_scores import render_scores

    if out is not None and not out.resolve().parent.is_dir():
        raise InputError(f"-o {out}: there is no folder {out.parent}; expected one that is there")
    page = render_scores(read_scores(text_path, score_path), title or text_path.name, cmap, alpha)
    if out is None:
        sys.stdout.write(page)
    else:
        out.write_text(page, "utf-8", newline="\n")
        say(f"{out}: {len(page.encode()) / 1e3:.1f} kB", err=True)
