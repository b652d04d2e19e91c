"""A modality: a kind of input, from the corpus's entry to what models of it take."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from attnviz.config import DocumentSpec
from attnviz.documents import Document, DocumentKind, Notice
from attnviz.modalities.family import Family


class EntryDocuments(NamedTuple):
    """The documents of one entry of the corpus; `source` is what to call where they came from,
    `content` the bytes whose SHA-256 stands for it, `revision` the commit of a data set of the
    hub; `notices` are what is to be said of reading them."""

    source: str
    content: bytes
    documents: list[Document]
    revision: str | None = None
    notices: tuple[Notice, ...] = ()


ReadEntry = Callable[[int, DocumentSpec, str], EntryDocuments | None]
"""From an entry's number, the entry, and its place in messages."""


def nothing_of_its_own(entry: int, spec: DocumentSpec, where: str) -> None:
    """Reads no entry: documents of this kind come with another kind's."""


@dataclass(frozen=True)
class Modality:
    """A kind of input.

    `read` makes the documents of an entry; None where the entry is of another kind. Raises
    InputError with all that cannot be read. `family` is that of the models made for it; None where
    another modality's models read it.
    """

    kind: DocumentKind
    read: ReadEntry = nothing_of_its_own
    family: type[Family] | None = None


def written_here(documents: Sequence[Document]) -> EntryDocuments | None:
    """Documents whose texts stand in the corpus file itself; None where there are none."""
    if not documents:
        return None
    content = "\0".join(document.text for document in documents).encode()
    return EntryDocuments("texts in the corpus file", content, list(documents))
