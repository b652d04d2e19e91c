"""Pieces of Markdown that several pages are made of."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

BAR: Final = "\\|"
NOTE: Final = "<!-- Written by docs/generate.py from the code: change it there. -->"


def line(text: str | None) -> str:
    """Text as one line, for a cell of a table or a definition."""
    return " ".join((text or "").split())


def code(text: str, language: str = "python") -> list[str]:
    """The lines of a fenced block."""
    return [f"```{language}", text, "```", ""]


def definition(
    name: str, kind: str, meaning: str | None, example: str = "", *, anchor: str = ""
) -> list[str]:
    """The lines of a definition: what it is called, of what kind it is, what it means, in use."""
    mark = f"{{#{anchor}}}" if anchor else ""
    paragraphs = [
        f"*{line(kind)}*" if kind else "",
        line(meaning),
        f"`{example}`" if example else "",
    ]
    body = "\n\n".join(f"    {paragraph}" for paragraph in paragraphs if paragraph)
    return [f"`{name}`{mark}", f":   {body.lstrip()}", ""]


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """The lines of a table; bars in its cells are escaped."""
    lines = [head, ["---"] * len(head), *rows]
    return [
        f"| {' | '.join(line(cell).replace('|', chr(92) + '|') for cell in row)} |" for row in lines
    ]
