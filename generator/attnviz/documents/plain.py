"""Plain text files, and how they are cut into documents' texts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from attnviz.config import DocumentSpec
from attnviz.documents.contents import mend_of_encoding
from attnviz.documents.document import opening
from attnviz.documents.sequences import looks_like_sequences
from attnviz.errors import InputError


def read_plain(spec: DocumentSpec, file: Path, raw: bytes, where: str) -> list[tuple[str, str]]:
    """Title and text of each document of a text file.

    Raises InputError, naming the entry's key `where`, if the file is no text or holds none.
    """
    text = decode(raw, file, where)
    if looks_like_sequences(text):
        raise InputError(
            f"{where}: {file.name} holds sequences under headers, as FASTA files do; expected the"
            " ending .fasta: each sequence is then a document"
        )
    parts = [part for part in _split(text, spec.split) if part.strip()]
    if not parts:
        unit = "document" if spec.split == "none" else spec.split
        raise InputError(f"{where}: {file.name} holds no text; expected at least one {unit}")
    if len(parts) == 1:
        return [(spec.title or opening(parts[0]), parts[0])]
    return [(opening(part), part) for part in parts]


def decode(raw: bytes, file: Path, where: str) -> str:
    """The text of a file. Raises InputError, with the line, if it is not UTF-8 or is binary."""
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"{file}:{line}: byte {error.start} is not UTF-8 text (named at {where}); "
            f"expected a plain text file in UTF-8: {mend_of_encoding(raw, file)}"
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError(
            f"{file}:{line}: holds NUL bytes (named at {where}); expected plain text, this looks"
            " binary"
        )
    # Old Macs end a line by a carriage return alone.
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _split(text: str, how: str) -> Iterator[str]:
    if how == "line":
        yield from (line.strip() for line in text.split("\n"))
    elif how == "paragraph":
        paragraph: list[str] = []
        for line in [*text.split("\n"), ""]:
            if line.strip():
                paragraph.append(line)
            elif paragraph:
                yield "\n".join(paragraph).strip()
                paragraph = []
    else:
        yield text.strip()
