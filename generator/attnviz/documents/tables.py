"""Tables of texts: per row a text, with its second text, its title and its labels."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

from attnviz.config import DocumentSpec
from attnviz.documents.document import opening
from attnviz.documents.spans import Span, plain, read_spans
from attnviz.documents.table_columns import missing_column
from attnviz.documents.table_rows import TableRow, read_rows
from attnviz.errors import InputError

_MOST: Final = 20
"""Problems of one table that are told in full."""

_HALF: Final = re.compile("[\ud800-\udfff]")  # JSON can say them


class LabelledText(NamedTuple):
    """One row of a table: `second` is its second text, None without a column of those."""

    title: str
    text: str
    second: str | None
    labels: Mapping[str, str]
    token_labels: Mapping[str, tuple[Span, ...]]


def read_table(spec: DocumentSpec, file: Path, raw: bytes, where: str) -> list[LabelledText]:
    """The texts of a table. Raises InputError with the problems of all rows."""
    texts = labelled_texts(
        spec, _checked(spec, read_rows(file, raw, where, spec.text_column), file), file
    )
    if not texts:
        raise InputError(f"{where}: {file.name} holds no rows; expected at least one")
    return texts


def _checked(spec: DocumentSpec, rows: Iterator[TableRow], file: Path) -> Iterator[TableRow]:
    """The rows, the first of which has the columns that are asked for."""
    for number, row in enumerate(rows):
        if number == 0:
            require_columns(spec, row, file)
        yield row


def labelled_texts(
    spec: DocumentSpec, rows: Iterable[TableRow], file: Path | str
) -> list[LabelledText]:
    """The texts of rows; `file` is the name of all in messages. Raises InputError with the problems
    of all rows."""
    texts: list[LabelledText] = []
    problems: list[str] = []
    for row in rows:
        try:
            texts.append(_labelled_text(spec, row))
        except _RowProblem as problem:
            problems.append(f"{row.place}: {problem}")
    if len(problems) > _MOST:
        problems[_MOST:] = [f"{file}: and {len(problems) - _MOST} rows more"]
    if problems:
        raise InputError(problems)
    return texts


def require_columns(spec: DocumentSpec, row: TableRow, file: Path | str) -> None:
    """Raises InputError once, with the mend, if the first row has no such columns: none has."""
    options = {"text_column": spec.text_column, "pair_column": spec.pair_column}
    for option, column in options.items():
        if column is not None and column not in row.values:
            raise InputError(f"{file}: {missing_column(column, row.values, option)}")


class _RowProblem(ValueError):
    """What is wrong with a row."""


def _labelled_text(spec: DocumentSpec, row: TableRow) -> LabelledText:
    text, words = _text(row, spec.text_column)
    labels = {name: value for name in spec.labels if (value := _scalar(row, name)) is not None}
    spans = {name: _spans(row, name, text, words) for name in spec.token_labels}
    title = (spec.title_column and _scalar(row, spec.title_column)) or opening(text)
    second = None if spec.pair_column is None else _text(row, spec.pair_column)[0]
    return LabelledText(title, text, second, labels=labels, token_labels=spans)


def _cell(row: TableRow, column: str) -> Any:
    if column not in row.values:
        raise _RowProblem(
            f"has no {column}; expected one in every row (this one has {', '.join(row.values)})"
        )
    return row.values[column]


def _scalar(row: TableRow, column: str) -> str | None:
    """A label or a title; None where there is none."""
    value = _cell(row, column)
    if isinstance(value, (list, dict)) or (isinstance(value, str) and _HALF.search(value)):
        raise _RowProblem(f"{column}: is no single value; expected text, a number or nothing")
    return None if value in (None, "") else plain(value)


def _text(row: TableRow, column: str) -> tuple[str, list[tuple[int, int]] | None]:
    """A cell's text; of a list of words, the words joined by blanks, and the characters of each."""
    value = _cell(row, column)
    words: list[tuple[int, int]] | None = None
    if isinstance(value, list) and all(isinstance(word, str) for word in value):
        words = list(_places(value))
        value = " ".join(value)
    if value is None or (isinstance(value, str) and not value.strip()):
        raise _RowProblem(f"{column}: is empty; expected text: fill it, or delete the row")
    if not isinstance(value, str):
        raise _RowProblem(f"{column}: is no text; expected text, or a list of words")
    if _HALF.search(value):
        raise _RowProblem(
            f"{column}: holds half a character (a surrogate without its other half); expected text"
        )
    return value, words


def _places(words: list[str]) -> Iterator[tuple[int, int]]:
    start = 0
    for word in words:
        yield start, start + len(word)
        start += len(word) + 1


def _spans(
    row: TableRow, column: str, text: str, words: list[tuple[int, int]] | None
) -> tuple[Span, ...]:
    try:
        return read_spans(_cell(row, column), text, words)
    except _RowProblem:
        raise
    except ValueError as error:
        raise _RowProblem(f"{column}: {error}") from None
