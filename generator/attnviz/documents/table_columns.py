"""Which columns a table has: what separates its cells, and which of them holds texts."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from typing import Any, Final

_DELIMITERS: Final = (",", ";", "\t", "|")
_USUAL: Final = (
    "text", "sentence", "content", "body", "document", "review", "comment", "tweet", "message",
    "question", "prompt", "premise", "abstract", "sequence", "tokens", "words",
)  # fmt: skip
_LONG: Final = 60
"""Characters of a cell that is no column's name."""


def delimiter_of(first_line: str, column: str) -> str:
    """What separates the cells of a table, by the line of its columns' names: that by which it has
    `column`, else that by which it has most cells, a comma among equals.

    >>> delimiter_of("text;label", "text"), delimiter_of("a, b; c; d", "text")
    (';', ';')
    """
    cells = {delimiter: _cells(first_line, delimiter) for delimiter in _DELIMITERS}
    fitting = [delimiter for delimiter in _DELIMITERS if column in cells[delimiter]]
    return max(fitting or _DELIMITERS, key=lambda delimiter: len(cells[delimiter]))


def _cells(line: str, delimiter: str) -> list[str]:
    return next(csv.reader([line], delimiter=delimiter), [])


def are_no_names(cells: Sequence[str]) -> bool:
    """Whether a table's first line looks like a row and not like the names of columns: it has
    numbers, sentences, or cells of nothing.

    >>> are_no_names(["The cat sat.", "1"]), are_no_names(["sentence", "label"])
    (True, False)
    """
    return any(
        not cell.strip()
        or len(cell) > _LONG
        or cell.strip().replace(".", "", 1).isdigit()
        or (len(cell.split()) > 1 and cell.rstrip()[-1] in ".!?。！？")
        for cell in cells
    )


def column_of_texts(values: Mapping[str, Any]) -> str | None:
    """The column that likely holds texts, by its name or else by the longest cell of a row; None
    where no cell is text.

    >>> column_of_texts({"id": "x1", "sentence": "The cat sat."})
    'sentence'
    """
    texts = {
        name: value
        for name, value in values.items()
        if isinstance(value, str) or (isinstance(value, list) and value and _are_words(value))
    }
    usual = [column for name in _USUAL for column in texts if column.casefold() == name]
    if usual:
        return usual[0]
    return max(texts, key=lambda name: len("".join(texts[name])), default=None)


def _are_words(values: list[Any]) -> bool:
    return all(isinstance(value, str) for value in values)


def missing_column(column: str, values: Mapping[str, Any], option: str) -> str:
    """What is wrong where a table has no such column, and the mend."""
    names = ", ".join(values)
    guess = column_of_texts(values) if option.endswith("text_column") else None
    if guess is None:
        return f"has no column “{column}”; set {option} to one of {names}"
    return f"has no column “{column}”; set {option}: {guess} (its columns are {names})"
