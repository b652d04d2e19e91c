"""Documents: what the corpus says to read, read; and the tokens that a model makes of them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attnviz.config import DocumentSpec
from attnviz.errors import InputError
from attnviz.score import Array


@dataclass(frozen=True)
class Document:
    """One input: `entry` is the index of the corpus entry it came from."""

    entry: int
    title: str
    text: str


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
    """The tokens of one document: ids int32, start and end int32 (−1 for none), special bool, each of length T."""

    ids: Array
    texts: tuple[str, ...]
    start: Array
    end: Array
    special: Array

    def __len__(self) -> int:
        return len(self.ids)


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


def tokenise(
    tokenizer: Any, documents: Iterable[Document], limit: int | None, refuse: bool, model: str
) -> tuple[list[Tokens], list[Notice]]:
    """Tokens of each document, special tokens included, at most `limit` of them.

    A longer text is cut, with a notice; where `refuse` is set, all such texts are reported as one `InputError`.
    The tokenizer's own fixed padding and truncation are not used: what counts is what the architecture takes.
    """
    tokens: list[Tokens] = []
    notices: list[Notice] = []
    for number, document in enumerate(documents):
        whole = _tokenise_one(tokenizer, document.text, None)
        if limit is not None and len(whole) > limit:
            message = (
                f"“{document.title}” has {len(whole)} tokens; {model} takes {limit}: "
                f"the last {len(whole) - limit} were left out"
            )
            notices.append(Notice("truncated", message, number, model))
            whole = _tokenise_one(tokenizer, document.text, limit)
        if len(whole) == 0:
            notices.append(Notice("empty", f"“{document.title}” has no tokens for {model}", number, model))
        tokens.append(whole)
    if refuse and notices:
        raise InputError(
            [
                *(n.message for n in notices),
                "set long: truncate (without --strict) to accept this, or shorten the texts",
            ]
        )
    return tokens, notices


def _tokenise_one(tokenizer: Any, text: str, limit: int | None) -> Tokens:
    fast = bool(getattr(tokenizer, "is_fast", False))
    encoded = tokenizer(
        text,
        truncation=limit is not None,
        max_length=limit,
        padding=False,
        return_offsets_mapping=fast,
        return_special_tokens_mask=True,
        verbose=False,
    )
    ids = np.asarray(encoded["input_ids"], np.int32)
    special = np.asarray(encoded["special_tokens_mask"], bool)
    spans = np.asarray(encoded["offset_mapping"] if fast else np.full((len(ids), 2), -1), np.int32).reshape(-1, 2)
    spans[special | (spans[:, 0] == spans[:, 1])] = -1
    return Tokens(ids, tuple(_pieces(tokenizer, ids)), spans[:, 0].copy(), spans[:, 1].copy(), special)


def _pieces(tokenizer: Any, ids: Array) -> list[str]:
    """The vocabulary's own pieces; a tokenizer that has none for an id gives its number."""
    pieces = tokenizer.convert_ids_to_tokens(ids.tolist())
    return [str(number) if piece is None else str(piece) for piece, number in zip(pieces, ids, strict=True)]
