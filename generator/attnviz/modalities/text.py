"""Texts, from files, tables and the corpus itself; and models of one text, encoders and
decoders."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final

from attnviz.architectures.recognising import continues_texts
from attnviz.config import DocumentSpec, is_sequences, is_table
from attnviz.config.entries import ScoresEntry
from attnviz.documents import Document, DocumentKind
from attnviz.documents.contents import read_content
from attnviz.documents.document import opening
from attnviz.documents.files import digest_of, look_at_each
from attnviz.documents.plain import decode, read_plain
from attnviz.documents.scored_text import scored_text
from attnviz.documents.sequences import read_sequences
from attnviz.documents.streamed import read_streamed
from attnviz.documents.tables import LabelledText, read_table
from attnviz.documents.token_scores import read_scores
from attnviz.errors import InputError
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import TEXT_AXIS, Family, text_padding
from attnviz.modalities.modality import EntryDocuments, Modality, written_here
from attnviz.modalities.model_input import Prepared, Start
from attnviz.modalities.pair import pair_document
from attnviz.modalities.prompt import PROMPT
from attnviz.modalities.tokenizing import prepare_text, text_to_go_on
from attnviz.models.loaded import LoadedModel

TEXT: Final = DocumentKind("text", is_text=True, can_be_cut=True)

_STORY: Final = (
    "The old keeper of the lighthouse counted the ships that passed at night, and wrote their names"
    " in a book. When the fog came in, he rang the bell until his arms ached; nobody ever answered,"
    " but every ship found its way. One morning a letter arrived. “We heard you,” it said, “all"
    " these years, and we counted the bells.”"
)
SAMPLES_OF_TEXT: Final = (_STORY, _STORY[: _STORY.index(" When")])
"""A text and its beginning: layers are told apart by how they treat padding."""


class TextFamily(Family):
    """Encoders and decoders: one axis of tokens."""

    name = "text"
    reads_in_words = takes = "texts"
    reads_one_text = True

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        self.axes, self.padding = {"text": TEXT_AXIS}, text_padding(loaded)
        self.completes = PROMPT if continues_texts(loaded.model.config) else None

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        """Whatever no other family has."""
        return True

    @classmethod
    def reads(cls, kind: DocumentKind) -> bool:
        """Texts of all kinds: with a second one, with a completion, or alone."""
        return kind.is_text

    def place(self, path: str) -> AttentionPlace:
        """The one axis. The stack is named later, by its mask."""
        return AttentionPlace("", "text", "text")

    def start(self, document: Document) -> Start | None:
        return text_to_go_on(self.loaded, document, None)

    def prepare(self, document: Document) -> Prepared:
        return prepare_text(self.loaded, document)

    def sample(self, folder: Path) -> list[Document]:
        return [Document(0, "sample", text, TEXT) for text in SAMPLES_OF_TEXT]


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    if spec.file:
        return _read_files(entry, spec, f"{where}.file")
    if (rows := read_streamed(spec, where)) is not None:
        documents = _labelled_documents(entry, rows.texts)
        return EntryDocuments(rows.name, rows.digest, documents, rows.revision, rows.notices)
    if spec.images or spec.audio:  # the texts stand beside them
        return None
    if spec.scores:
        return _read_scores(entry, spec.scores, f"{where}.scores")
    documents = []
    for item in spec.text:
        title = item.title or opening(item.text)
        documents.append(
            Document(entry, title, item.text, TEXT)
            if item.pair is None
            else pair_document(entry, title, item.text, item.pair)
        )
    return written_here(documents)


def _read_scores(entry: int, items: Sequence[ScoresEntry], where: str) -> EntryDocuments:
    """Texts whose tokens have scores. Raises InputError with the problems of all."""
    documents: list[Document] = []
    problems: list[str] = []
    for number, item in enumerate(items):
        try:
            documents.append(_scored(entry, item, f"{where}[{number}]"))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    files = [file for item in items for file in (item.text_path, *item.score_path)]
    name = items[0].text_path.name if len(items) == 1 else f"{len(items)} texts with scores"
    return EntryDocuments(name, digest_of(files), documents)


def _scored(entry: int, item: ScoresEntry, where: str) -> Document:
    scores = read_scores(item.text_path, item.score_path)
    gap = " " if item.between == "space" else ""
    try:
        text, rows = scored_text(scores, gap, item.cmap, item.alpha)
    except InputError as error:  # of the scale
        raise InputError([f"{where}.{problem}" for problem in error.problems]) from error
    return Document(entry, item.title or opening(text), text, TEXT, scores=rows)


def _read_files(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments:
    """The documents of all files in order. Raises InputError with the problems of all."""

    def read(file: Path) -> tuple[bytes, list[Document]]:
        content = read_content(file, where, spec.max_bytes)
        return content.stored, _documents(entry, spec, file, content.raw, where)

    name, files = look_at_each(spec.file, read, "files")
    documents = [document for _, of_file in files for document in of_file]
    if len(files) == 1:
        return EntryDocuments(name, files[0][0], documents)
    return EntryDocuments(name, digest_of(spec.file), documents)


def _documents(
    entry: int, spec: DocumentSpec, file: Path, raw: bytes, where: str
) -> list[Document]:
    """The documents of one file."""
    if is_sequences(file.name):
        texts = read_sequences(decode(raw, file, where), file)
        return [Document(entry, title, text, TEXT) for title, text in texts]
    if not is_table(file.name):
        texts = read_plain(spec, file, raw, where)
        return [Document(entry, title, text, TEXT) for title, text in texts]
    return _labelled_documents(entry, read_table(spec, file, raw, where))


def _labelled_documents(entry: int, rows: Iterable[LabelledText]) -> list[Document]:
    """The documents of a table's rows."""
    documents = []
    for row in rows:
        labels = {"labels": row.labels, "token_labels": row.token_labels}
        documents.append(
            Document(entry, row.title, row.text, TEXT, **labels)  # type: ignore[arg-type]
            if row.second is None
            else pair_document(entry, row.title, row.text, row.second, **labels)
        )
    return documents


MODALITY: Final = Modality(TEXT, _read, TextFamily)
