"""Read every entry of the corpus."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from attnviz.config import DocumentSpec, is_table
from attnviz.documents.document import Corpus, Document, Source, joined, opening
from attnviz.documents.films import read_films
from attnviz.documents.pictures import read_pictures
from attnviz.documents.plain import read_plain
from attnviz.documents.sounds import read_sounds
from attnviz.documents.tables import read_table
from attnviz.errors import InputError


def read_corpus(specs: Sequence[DocumentSpec], label: str) -> Corpus:
    """Read every entry. All unreadable files and empty entries are reported together, as
    `InputError`.

    `label` names the corpus file in messages.
    """
    documents: list[Document] = []
    sources: list[Source] = []
    problems: list[str] = []
    for entry, spec in enumerate(specs):
        try:
            name, raw, found = _read_entry(entry, spec, spec.place(label, entry))
        except InputError as error:
            problems += error.problems
            continue
        digest = hashlib.sha256(raw).hexdigest()
        sources.append(Source(entry, name, digest, len(found), spec.source, spec.licence))
        documents += found
    if problems:
        raise InputError(problems)
    return Corpus(tuple(documents), tuple(sources))


def _read_entry(entry: int, spec: DocumentSpec, where: str) -> tuple[str, bytes, list[Document]]:
    """What to call an entry's source, its bytes, and its documents."""
    if spec.file is not None:
        return _read_file(entry, spec, f"{where}.file")
    if spec.images:
        return read_pictures(entry, spec)
    if spec.videos:
        return read_films(entry, spec)
    if spec.audio:
        return read_sounds(entry, spec)
    found = [*_texts(entry, spec), *_prompts(entry, spec), *_translations(entry, spec)]
    return (
        "texts in the corpus file",
        "\0".join(document.text for document in found).encode(),
        found,
    )


def _read_file(entry: int, spec: DocumentSpec, where: str) -> tuple[str, bytes, list[Document]]:
    assert spec.file is not None
    try:
        raw = spec.file.read_bytes()
    except OSError as error:
        raise InputError(f"{where}: cannot read {spec.file}: {error.strerror}") from error
    read = read_table if is_table(spec.file.name) else read_plain
    return spec.file.name, raw, read(entry, spec, spec.file, raw, where)


def _texts(entry: int, spec: DocumentSpec) -> list[Document]:
    found = []
    for given in spec.text:
        title = given.title or opening(given.text)
        if given.pair is None:
            found.append(Document(entry, title, given.text))
        else:
            text, second = joined(given.text, given.pair)
            found.append(Document(entry, title, text, "pair", second))
    return found


def _prompts(entry: int, spec: DocumentSpec) -> list[Document]:
    return [
        Document(entry, given.title or opening(given.text), given.text, "prompt")
        for given in spec.prompts
    ]


def _translations(entry: int, spec: DocumentSpec) -> list[Document]:
    found = []
    for given in spec.translate:
        title = given.title or opening(given.source)
        if given.target is None:
            found.append(Document(entry, title, given.source, "translation"))
        else:
            text, second = joined(given.source, given.target)
            found.append(Document(entry, title, text, "translation", second))
    return found
