"""`attnviz init`: what a repository of a report begins with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attnviz.terminal import say

INIT = "Examples:  attnviz init   ·   attnviz init my-report"


def init(
    folder: Annotated[
        Path, typer.Argument(metavar="[DIR]", help="Where they go; made if it is not there.")
    ] = Path(),
) -> None:
    """Write a corpus.yaml that builds as it is, and a GitHub Actions workflow that builds its
    report and publishes it on GitHub Pages. Files that are there stay as they are.
    """
    from attnviz.publish.starting import start

    begun = start(folder)
    say(*(f"note: {notice}" for notice in begun.notices), err=True)
    say(
        *(f"wrote {path}" for path in begun.written),
        *(f"kept {path}, which was there" for path in begun.kept),
        f"next: attnviz build {folder / 'corpus.yaml'}",
    )
