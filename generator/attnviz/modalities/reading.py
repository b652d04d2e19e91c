"""Read every entry of the corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

from attnviz.config import DocumentSpec
from attnviz.documents import Corpus, Document, Notice, Source
from attnviz.errors import InputError
from attnviz.modalities.modality import EntryDocuments
from attnviz.modalities.registry import MODALITIES


def read_corpus(specs: Sequence[DocumentSpec], label: str) -> Corpus:
    """Read every entry; `label` names the corpus file in messages.

    Raises InputError with all unreadable files and empty entries together.
    """
    documents: list[Document] = []
    sources: list[Source] = []
    notices: list[Notice] = []
    problems: list[str] = []
    for entry, spec in enumerate(specs):
        try:
            content = _read_entry(entry, spec, spec.place(label, entry))
        except InputError as error:
            problems += error.problems
            continue
        sources.append(
            Source(
                entry=entry,
                name=content.source,
                sha256=hashlib.sha256(content.content).hexdigest(),
                documents=len(content.documents),
                source=spec.source,
                licence=spec.licence,
                revision=content.revision,
            )
        )
        notices += content.notices
        documents += content.documents if spec.add_special_tokens else map(_bare, content.documents)
    if problems:
        raise InputError(problems)
    return Corpus(tuple(documents), tuple(sources), tuple(notices))


def _bare(document: Document) -> Document:
    """The document as one around which no tokenizer puts its special tokens."""
    return replace(document, add_special_tokens=False)


def _read_entry(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments:
    contents = (modality.read(entry, spec, where) for modality in MODALITIES)
    return next(content for content in contents if content is not None)
