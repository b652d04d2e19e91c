"""Files of rows wherever fsspec reads them, opened one after another and read in pieces."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from attnviz.documents.contents import other_content
from attnviz.documents.table_rows import TableRow, rows_of_lines, rows_of_parquet
from attnviz.engine.addresses import is_address
from attnviz.errors import InputError

MOST_OF_LINE: Final = 1 << 26
"""Bytes of a line of JSON, 67 MB: more is no row."""


class RowFile(NamedTuple):
    """A file on one of fsspec's file systems, and its name in messages."""

    name: str
    system: Any
    path: str


def find_row_files(places: Sequence[str], where: str) -> list[RowFile]:
    """The files at paths and addresses, those of a pattern sorted by name. Raises InputError,
    naming the entry's key `where`, with every address that cannot be looked up or names none."""
    files: list[RowFile] = []
    problems: list[str] = []
    for place in places:
        try:
            files += _at_address(place, where) if is_address(place) else [_on_disk(place)]
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    return files


def _on_disk(path: str) -> RowFile:
    from fsspec.implementations.local import LocalFileSystem

    return RowFile(path, LocalFileSystem(), path)


def _at_address(address: str, where: str) -> list[RowFile]:
    from fsspec.core import url_to_fs

    told = _without_secrets(address)
    try:
        system, pattern = url_to_fs(address)
        paths = sorted(system.glob(pattern)) if re.search(r"[*\[]", pattern) else [pattern]
    # Each file system raises what its own library does.
    except Exception as error:
        reason = " ".join(str(error).split()) or type(error).__name__
        raise InputError(
            f"{where}: {told} cannot be looked up ({reason}); expected an address that fsspec"
            " reads, such as s3://bucket/rows.parquet with s3fs installed"
        ) from error
    if not paths:
        raise InputError(f"{where}: no file is at {told}; expected an address or pattern of files")
    names = [_without_secrets(system.unstrip_protocol(path)) for path in paths]
    return [RowFile(name, system, path) for name, path in zip(names, paths, strict=True)]


def _without_secrets(address: str) -> str:
    """An address as messages and reports say it: without passwords and signatures.

    >>> _without_secrets("https://me:secret@host/rows.jsonl?signature=abc")
    'https://host/rows.jsonl'
    """
    plain = re.sub(r"://[^/@]*@", "://", address)
    return plain.partition("?")[0] if plain.startswith("http") else plain


def read_row_files(
    files: Sequence[RowFile], kind: str, columns: Sequence[str], where: str
) -> Iterator[TableRow]:
    """The rows of all files in order; `kind` is parquet or jsonl. Of Parquet only `columns` are
    read. Raises InputError, with file and line, at what cannot be read."""
    for file in files:
        with _opened(file, kind, where) as opened:
            if kind == "parquet":
                yield from rows_of_parquet(file.name, opened, where, columns)
            else:
                yield from rows_of_lines(file.name, _lines(opened, file.name, where))


def _opened(file: RowFile, kind: str, where: str) -> Any:
    try:
        packed = {"compression": "infer"} if kind == "jsonl" else {}
        return file.system.open(file.path, "rb", **packed)
    except Exception as error:
        reason = getattr(error, "strerror", None) or " ".join(str(error).split())
        raise InputError(
            f"{where}: {file.name} cannot be opened ({reason or type(error).__name__}); expected a"
            " file to read"
        ) from error


def _lines(opened: Any, name: str, where: str) -> Iterator[str]:
    number = 0
    while line := _next_line(opened, f"{name}:{number + 1}", where):
        number += 1
        if number == 1 and (fault := other_content(line)):
            raise InputError(f"{where}: {name} {fault}")
        try:
            yield line.decode("utf-8-sig" if number == 1 else "utf-8")
        except UnicodeDecodeError as error:
            raise InputError(
                f"{name}:{number}: byte {error.start} of the line is not UTF-8 text (named at"
                f" {where}); expected JSON lines in UTF-8"
            ) from error


def _next_line(opened: Any, place: str, where: str) -> bytes:
    try:
        line: bytes = opened.readline(MOST_OF_LINE + 1)
    except (OSError, EOFError, ValueError, zlib.error) as error:
        raise InputError(
            f"{place}: cannot be read from here on ({error}; named at {where}); expected a whole"
            " file: copy it again"
        ) from error
    if len(line) > MOST_OF_LINE:
        raise InputError(
            f"{place}: is longer than {MOST_OF_LINE:,} bytes (named at {where}); expected one"
            " object a line"
        )
    return line


def name_of_files(files: Sequence[RowFile]) -> str:
    """What to call these files together."""
    first = files[0].name
    if not is_address(first):
        first = Path(first).name if len(files) == 1 else str(Path(first).parent.name)
    else:
        first = first if len(files) == 1 else first.rpartition("/")[0]
    return first if len(files) == 1 else f"{len(files)} files in {first}"
