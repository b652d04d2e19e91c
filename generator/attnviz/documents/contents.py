"""The bytes of a file of the corpus: looked at before they are read, unpacked, and named for what
they are where they are no text."""

from __future__ import annotations

import gzip
import io
import shlex
import zlib
from pathlib import Path
from typing import Final, NamedTuple

from attnviz.config.regular_files import fault_of_file
from attnviz.errors import InputError

_GZIP: Final = b"\x1f\x8b"
_POINTER: Final = b"version https://git-lfs.github.com/spec/"
_OTHERS: Final = (
    (
        b"PK\x03\x04",
        "is a zip archive, as Word and Excel make them; expected it saved as text",
    ),
    (b"%PDF-", "is a PDF; expected text: pdftotext makes it of one"),
    (b"BZh", "is packed by bzip2; expected it unpacked, or packed by gzip"),
    (b"\xfd7zXZ", "is packed by xz; expected it unpacked, or packed by gzip"),
    (b"\x28\xb5\x2f\xfd", "is packed by zstd; expected it unpacked, or packed by gzip"),
)


class Content(NamedTuple):
    """A file's bytes as they are, and as they read, unpacked where they are packed by gzip."""

    stored: bytes
    raw: bytes


def read_content(file: Path, where: str, most: int) -> Content:
    """The bytes of a file that has, unpacked, at most `most` of them.

    Raises InputError, naming the entry's key `where`, if it is no regular file, too large, damaged,
    or known to be something else than text.
    """
    fault = fault_of_file(file, most)
    if fault is not None:
        raise InputError(f"{where}: {file} {fault}; expected a file to read{_raise_it(fault)}")
    stored = file.read_bytes()
    raw = _unpacked(stored, file, where, most) if stored.startswith(_GZIP) else stored
    fault = other_content(raw)
    if fault is not None:
        raise InputError(f"{where}: {file} {fault}")
    return Content(stored, raw)


def _raise_it(fault: str) -> str:
    return ", or a larger max_bytes" if "at most" in fault else ""


def _unpacked(stored: bytes, file: Path, where: str, most: int) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(stored)) as packed:
            raw = packed.read(most + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise InputError(
            f"{where}: {file} is packed by gzip and cannot be unpacked ({error}); expected a whole"
            " file: copy it again"
        ) from error
    if len(raw) > most:
        raise InputError(
            f"{where}: {file} has more than {most:,} bytes when it is unpacked; expected a smaller"
            " file, or a larger max_bytes"
        )
    return raw


def other_content(raw: bytes) -> str | None:
    """What a file is instead of a text, by its first bytes, and what to do, in words that follow
    its name; None where that is not known."""
    if raw.startswith(_POINTER):
        return (
            "is a git-LFS pointer and not the file itself; expected the file: git lfs pull brings"
            " it"
        )
    return next((words for beginning, words in _OTHERS if raw.startswith(beginning)), None)


def other_file(file: Path) -> str | None:
    """What a file that cannot be read as it should is instead, as `other_content` says it."""
    try:
        with file.open("rb") as opened:
            return other_content(opened.read(64))
    except OSError:
        return None


def mend_of_encoding(raw: bytes, file: Path) -> str:
    """How to convert a text that is not UTF-8: by its byte order mark, or from Windows' letters,
    which Latin-1's are, where it has none."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        encoding, name = "utf-16", "UTF-16"
    else:
        encoding, name = "cp1252", "WINDOWS-1252"
    try:
        text = raw.decode(encoding)
    except UnicodeDecodeError:
        return "convert it, or name another file"
    if any(ord(letter) < 32 and letter not in "\t\n\r\f" for letter in text):
        return "convert it, or name another file"
    place = shlex.quote(file.name)
    kind = "UTF-16" if encoding == "utf-16" else "Latin-1 (Windows-1252)"
    converted = shlex.quote(f"utf8-{file.name}")
    return f"it reads as {kind}: iconv -f {name} -t UTF-8 {place} > {converted}"
