"""Documents: what the corpus says to read, read; and the tokens that a model makes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from attnviz.config import DocumentSpec
from attnviz.errors import InputError
from attnviz.score import Array

DocumentKind = Literal["text", "pair", "prompt", "translation", "image"]


@dataclass(frozen=True)
class Document:
    """One input: `entry` is the index of the corpus entry it came from.

    A pair and a translation have two texts, a prompt its completion as the second: `text` is both, a line break
    between, and `second` is where the second begins, in characters. An image's `text` is what goes with it, if any.
    """

    entry: int
    title: str
    text: str
    kind: DocumentKind = "text"
    second: int | None = None
    image: Path | None = None
    labels: Mapping[str, str] = field(default_factory=dict)
    token_labels: Mapping[str, tuple[tuple[int, int, str], ...]] = field(default_factory=dict)

    @property
    def parts(self) -> tuple[str, str]:
        """The two texts; the second is empty where there is one."""
        if self.second is None:
            return self.text, ""
        cut = self.second - 1 if self.kind != "prompt" else self.second
        return self.text[:cut], self.text[self.second :]


@dataclass(frozen=True)
class Source:
    """Where the documents of one entry came from; `sha256` is of the file's bytes, or of the texts themselves."""

    entry: int
    name: str
    sha256: str
    documents: int
    source: str | None
    licence: str | None


@dataclass(frozen=True)
class Corpus:
    documents: tuple[Document, ...]
    sources: tuple[Source, ...]


@dataclass(frozen=True)
class Tokens:
    """The tokens or patches of one document on one axis, each array of length T.

    ids int32 (−1 for a patch); start and end int32, offsets in the document's text (−1 for none); special bool;
    segment uint8, 1 for the second text of a pair and for a completion; row and column int16, a patch's place in its
    grid (−1 for what is no patch).
    """

    ids: Array
    texts: tuple[str, ...]
    start: Array
    end: Array
    special: Array
    segment: Array
    row: Array
    column: Array

    @classmethod
    def of_text(cls, ids: Array, texts: Sequence[str], spans: Array, special: Array, segment: Array) -> Tokens:
        """Tokens of a text, which have no place in a grid. `spans` is (T, 2)."""
        nowhere = np.full(len(ids), -1, np.int16)
        return cls(
            ids.astype(np.int32), tuple(texts), spans[:, 0].astype(np.int32), spans[:, 1].astype(np.int32),
            special.astype(bool), segment.astype(np.uint8), nowhere, nowhere,
        )  # fmt: skip

    @classmethod
    def of_grid(cls, special: Sequence[str], rows: int, columns: int) -> Tokens:
        """Special tokens, then the patches of a grid row by row."""
        count = len(special) + rows * columns
        row, column = (np.full(count, -1, np.int16) for _ in range(2))
        row[len(special) :], column[len(special) :] = (g.ravel() for g in np.indices((rows, columns)))
        none = np.full(count, -1, np.int32)
        names = [*special, *(f"{r},{c}" for r in range(rows) for c in range(columns))]
        is_special = np.arange(count) < len(special)
        return cls(none, tuple(names), none, none, is_special, np.zeros(count, np.uint8), row, column)

    def __len__(self) -> int:
        return len(self.ids)

    def __getitem__(self, own: Any) -> Tokens:
        """Some of the tokens: a slice or an index array."""
        texts = tuple(np.array(self.texts, object)[own].tolist())
        arrays = (getattr(self, name)[own] for name in ("start", "end", "special", "segment", "row", "column"))
        return Tokens(self.ids[own], texts, *arrays)


@dataclass(frozen=True)
class Notice:
    """Something that was shortened, left out or assumed: said in the build's output and in the report."""

    kind: str
    message: str
    document: int | None = None
    model: str | None = None


def read_corpus(specs: Sequence[DocumentSpec], label: str) -> Corpus:
    """Read every entry. All unreadable files and empty entries are reported together, as `InputError`.

    `label` names the corpus file in messages.
    """
    documents: list[Document] = []
    sources: list[Source] = []
    problems: list[str] = []
    for entry, spec in enumerate(specs):
        try:
            raw, found = _read_entry(entry, spec, _where(label, entry, spec))
        except InputError as error:
            problems += error.problems
            continue
        name = spec.file.name if spec.file else "texts in the corpus file"
        digest = hashlib.sha256(raw).hexdigest()
        sources.append(Source(entry, name, digest, len(found), spec.source, spec.licence))
        documents += found
    if problems:
        raise InputError(problems)
    return Corpus(tuple(documents), tuple(sources))


def _where(label: str, entry: int, spec: DocumentSpec) -> str:
    line = "" if spec.line is None else f":{spec.line}"
    return f"{label}{line}: documents[{entry}].file"


def _read_entry(entry: int, spec: DocumentSpec, where: str) -> tuple[bytes, list[Document]]:
    if spec.file is None:
        texts = [Document(entry, given.title or _opening(given.text), given.text) for given in spec.texts]
        return "\0".join(given.text for given in spec.texts).encode(), texts
    try:
        raw = spec.file.read_bytes()
    except OSError as error:
        raise InputError(f"{where}: cannot read {spec.file}: {error.strerror}") from error
    text = _decode(raw, spec.file, where)
    parts = [part for part in _split(text, spec.split) if part.strip()]
    if not parts:
        raise InputError(f"{where}: {spec.file.name} holds no text; expected at least one {_unit(spec.split)}")
    if len(parts) == 1:
        return raw, [Document(entry, spec.title or _opening(parts[0]), parts[0])]
    return raw, [Document(entry, _opening(part), part) for part in parts]


def _unit(split: str) -> str:
    return "document" if split == "none" else split


def _decode(raw: bytes, file: Path, where: str) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError(
            f"{file}:{line}: byte {error.start} is not UTF-8 text (named at {where}); "
            "expected a plain text file in UTF-8: convert it, or name another file"
        ) from error
    if "\0" in text:
        line = text[: text.index("\0")].count("\n") + 1
        raise InputError(f"{file}:{line}: holds NUL bytes (named at {where}); expected plain text, this looks binary")
    return text.replace("\r\n", "\n")


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


def _opening(text: str, length: int = 60) -> str:
    """The first words of a text, for lists of documents."""
    flat = " ".join(text[: 4 * length].split())
    return flat if len(flat) <= length else flat[:length].rsplit(" ", 1)[0] + " …"


def length_class(document: Document) -> int:
    """Documents of one class differ in length by less than a factor of two: ⌊log₂ characters⌋."""
    return max(len(document.text), 1).bit_length() - 1


def group_documents(documents: Sequence[Document]) -> tuple[list[dict[str, int]], Array]:
    """Groups of one corpus entry × one length class, and each document's group, uint16.

    A head's encoding is chosen once a group, so that a group's documents are alike.
    """
    keys = sorted({(document.entry, length_class(document)) for document in documents})
    index = {key: number for number, key in enumerate(keys)}
    member = np.array([index[d.entry, length_class(d)] for d in documents], np.uint16)
    groups = []
    for number, (entry, _) in enumerate(keys):
        lengths = [len(d.text) for d, own in zip(documents, member, strict=True) if own == number]
        groups.append({"entry": entry, "shortest": min(lengths), "longest": max(lengths), "documents": len(lengths)})
    return groups, member
