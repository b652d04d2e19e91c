"""Tables as rows: JSON lines and lists, CSV, TSV and Parquet, each row with the place that messages
name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

import pyarrow as pa
import pyarrow.parquet

from attnviz.documents.plain import decode
from attnviz.documents.table_columns import are_no_names, delimiter_of
from attnviz.errors import InputError


class TableRow(NamedTuple):
    """One row: where it is (`file:line`, or `file: row n`), and its values by column."""

    place: str
    values: Mapping[str, Any]


def read_rows(file: Path, raw: bytes, where: str, column: str) -> Iterator[TableRow]:
    """The rows of a table, by its file name's ending; `column` is that of texts. Raises InputError
    with the file and the line of what cannot be read."""
    kind = Path(file.name.lower().removesuffix(".gz")).suffix
    if kind == ".parquet":
        return rows_of_parquet(file, pa.BufferReader(raw), where)
    text = decode(raw, file, where)
    if kind == ".json":
        return _json(file, text, column)
    if kind in (".jsonl", ".ndjson"):
        return rows_of_lines(file, text.split("\n"))
    first_line = text.lstrip("\n").partition("\n")[0]
    return _csv(file, text, "\t" if kind == ".tsv" else delimiter_of(first_line, column), column)


def _json(file: Path, text: str, column: str) -> Iterator[TableRow]:
    """The items of one list: objects, or texts."""
    try:
        items = json.loads(text)
    except RecursionError as error:
        raise InputError(f"{file}: is nested too deep to be a table; {_LIST}") from error
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        hint = ": one object a line is .jsonl" if "Extra data" in str(error) else ""
        raise InputError(f"{file}:{line}: is no JSON ({error}); {_LIST}{hint}") from error
    if not isinstance(items, list):
        parts = items if isinstance(items, dict) else {}
        name = next((name for name, value in parts.items() if isinstance(value, list)), None)
        hint = "" if name is None else f", such as what its “{name}” holds"
        raise InputError(f"{file}: is no JSON list; {_LIST}{hint}")
    for number, item in enumerate(items, 1):
        if not isinstance(item, (dict, str)):
            raise InputError(f"{file}: item {number}: is neither object nor text; {_LIST}")
        yield TableRow(f"{file}: item {number}", {column: item} if isinstance(item, str) else item)


_LIST: Final = "expected a list of objects, or of texts"


def rows_of_lines(file: Path | str, lines: Iterable[str]) -> Iterator[TableRow]:
    """The objects of JSON lines; `file` is the name that messages say."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except RecursionError as error:
            raise InputError(
                f"{file}:{number}: is nested too deep to be a row; expected one object a line"
            ) from error
        except ValueError as error:
            raise InputError(
                f"{file}:{number}: is no JSON ({error}); expected one object a line"
            ) from error
        if not isinstance(value, dict):
            raise InputError(
                f"{file}:{number}: is no JSON object; expected one a line, such as {{“text”: “…”}}"
            )
        yield TableRow(f"{file}:{number}", value)


def _csv(file: Path, text: str, delimiter: str, column: str) -> Iterator[TableRow]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    head: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            if head is None and cells:
                head = _head(file, line, cells, column)
            elif head is not None and cells:
                if len(cells) != len(head):
                    raise InputError(
                        f"{file}:{line}: has {len(cells)} cells where the first line names"
                        f" {len(head)} columns; expected one for each: put texts that hold the"
                        " delimiter in quotes"
                    )
                yield TableRow(f"{file}:{line}", dict(zip(head, cells, strict=True)))
            line = reader.line_num + 1
    except csv.Error as error:
        raise InputError(f"{file}:{line}: is no valid CSV ({error})") from error


def _head(file: Path, line: int, cells: list[str], column: str) -> list[str]:
    """The names of the columns. Raises InputError if they are none."""
    if column not in cells and are_no_names(cells):
        raise InputError(
            f"{file}:{line}: looks like a row and not like the names of columns; expected these in"
            f" the first line, such as {column}, or, of a file with a text a line, the ending .txt"
            " and split: line"
        )
    repeated = [cell for number, cell in enumerate(cells) if cell in cells[:number]]
    if repeated:
        raise InputError(
            f"{file}:{line}: names the column “{repeated[0]}” twice; expected the columns' names,"
            " each once"
        )
    return cells


def rows_of_parquet(
    file: Path | str, opened: Any, where: str, columns: Sequence[str] | None = None
) -> Iterator[TableRow]:
    """The rows of an opened Parquet file, read in batches; `columns` are those that are read, all
    by default and where one of them is missing."""
    try:
        table = pyarrow.parquet.ParquetFile(opened)
        batches = _batches(table, columns)
    # What pyarrow raises at damaged files is of many kinds.
    except Exception as error:
        raise InputError(f"{file}: is no Parquet file ({error}; named at {where})") from error
    number = 0
    try:
        for batch in batches:
            for values in batch.to_pylist():
                number += 1
                yield TableRow(f"{file}: row {number}", values)
    except Exception as error:
        reason = " ".join(str(error).split())
        raise InputError(
            f"{file}: row {number + 1} or one of the {_BATCH:,} from there on cannot be read"
            f" ({reason}; named at {where}); expected texts in UTF-8, and dates of years 1 to 9999"
        ) from error


def _batches(table: Any, columns: Sequence[str] | None) -> Iterator[Any]:
    """The rows in batches; of `columns` alone if there are all of them."""
    names = table.schema_arrow.names
    present = list(columns) if columns is not None and set(columns) <= set(names) else None
    # A reader of several row groups keeps the bytes of all that it has read.
    for group in range(table.num_row_groups):
        yield from table.iter_batches(batch_size=_BATCH, row_groups=[group], columns=present)


_BATCH: Final = 1024
"""Rows of a Parquet file that are read together."""
