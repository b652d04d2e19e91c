"""`attnviz query`: rows of a report's tables, for people and programs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from attnviz.errors import InputError
from attnviz.terminal import say, say_object

QUERY = (
    "Examples:  attnviz query build/quickstart 'heads where induction > 0.5 by entropy' --json"
    "   ·   attnviz query build/quickstart 'documents where text has alice limit 5'"
)
_WIDEST = 40
_FIRST = ("model", "stack", "layer", "head", "labels", "number", "title")


def query(
    report: Annotated[Path, typer.Argument(help="The report's folder.")],
    question: Annotated[
        str,
        typer.Argument(
            metavar="QUERY", help="TABLE [where CONDITION] [by COLUMN [desc]] [limit N]."
        ),
    ],
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object with all columns of the rows.")
    ] = False,
) -> None:
    """Ask for heads or documents of a report: those for which a condition holds.

    Conditions compare columns (statistics by their names, layer, labels, certificate figures) with
    values: =, !=, <, <=, >, >=, has (labels has induction), joined by and, or, not.
    """
    from attnviz.reader.report import open_report

    if not report.exists():
        raise InputError(f"{report}: there is no such folder; expected a report")
    table = open_report(report).query(question)
    rows = table.to_pylist()
    if as_json:
        say_object({"report": str(report), "query": question, "rows": rows})
        return
    names = [name for name in table.column_names if name in _FIRST or name in question]
    lines = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[place]) for line in lines) for place in range(len(names))]
    say(
        *("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip()
          for line in lines),
        f"{len(rows)} rows",
    )  # fmt: skip


def _cell(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.4g}"
    text = ", ".join(map(str, value)) if isinstance(value, list) else str(value)
    flat = " ".join(text.split())
    return flat if len(flat) <= _WIDEST else f"{flat[: _WIDEST - 1]}…"
