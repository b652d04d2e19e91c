"""Tables as rows: JSON lines, CSV, TSV and Parquet, each row with the place that messages name."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
import pyarrow.parquet

from attnviz.documents.plain import decode
from attnviz.errors import InputError


class TableRow(NamedTuple):
    """One row: where it is (`file:line`, or `file: row n`), and its values by column."""

    place: str
    values: Mapping[str, Any]


def read_rows(file: Path, raw: bytes, where: str) -> Iterator[TableRow]:
    """The rows of a table, by its file name's ending. Raises InputError with the file and the line
    of what cannot be read."""
    kind = file.suffix.lower()
    if kind == ".parquet":
        return _parquet(file, raw, where)
    text = decode(raw, file, where)
    return (
        _jsonl(file, text)
        if kind in (".jsonl", ".ndjson")
        else _csv(file, text, "\t" if kind == ".tsv" else ",")
    )


def _jsonl(file: Path, text: str) -> Iterator[TableRow]:
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except ValueError as error:
            raise InputError(
                f"{file}:{number}: is no JSON ({error}); expected one object a line"
            ) from error
        if not isinstance(value, dict):
            raise InputError(
                f"{file}:{number}: is no JSON object; expected one a line, such as {{“text”: “…”}}"
            )
        yield TableRow(f"{file}:{number}", value)


def _csv(file: Path, text: str, delimiter: str) -> Iterator[TableRow]:
    csv.field_size_limit(2**31 - 1)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    head: list[str] | None = None
    line = 1
    try:
        for cells in reader:
            if head is None and cells:
                head = _head(file, cells)
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


def _head(file: Path, cells: list[str]) -> list[str]:
    repeated = [cell for number, cell in enumerate(cells) if cell in cells[:number]]
    if repeated:
        raise InputError(
            f"{file}:1: names the column “{repeated[0]}” twice; expected the columns' names, each"
            " once"
        )
    return cells


def _parquet(file: Path, raw: bytes, where: str) -> Iterator[TableRow]:
    try:
        table = pyarrow.parquet.ParquetFile(pa.BufferReader(raw))
        batches = table.iter_batches(batch_size=1024)
    except (pa.ArrowException, OSError) as error:
        raise InputError(f"{file}: is no Parquet file ({error}; named at {where})") from error
    number = 0
    try:
        for batch in batches:
            for values in batch.to_pylist():
                number += 1
                yield TableRow(f"{file}: row {number}", values)
    except (pa.ArrowException, OSError) as error:
        raise InputError(
            f"{file}: row {number + 1}: cannot be read ({error}; named at {where})"
        ) from error
