"""Every document for a model, or why not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Final

from attnviz.documents import Document, DocumentKind, Notice, align
from attnviz.errors import InputError
from attnviz.modalities.audio import Sounds
from attnviz.modalities.family import Family, FamilyName, ModelInput
from attnviz.modalities.image import Pictures, Tower
from attnviz.modalities.image_text import Conversations
from attnviz.modalities.tokenizing import Said, prepare_text
from attnviz.modalities.translation import prepare_translation
from attnviz.modalities.video import Films
from attnviz.models import LoadedModel


def prepare(
    loaded: LoadedModel,
    family: Family,
    documents: Sequence[Document],
    refuse: bool,
    refuse_long: bool = False,
) -> tuple[list[ModelInput | None], list[Notice]]:
    """Each document as the model takes it, or None where it cannot, with a notice, or is not meant
    to.

    A text longer than the model's limit is cut, with a notice. Where `refuse` is set, all that
    would be a notice is reported as one InputError; where `refuse_long` is, texts that are too
    long. A tokenizer's own fixed padding and truncation are not used: what counts is what the
    architecture takes.
    """
    prepared: list[ModelInput | None] = []
    notices: list[Notice] = []
    foreign: list[int] = []
    kinds, takes = _kinds(loaded, family, documents)
    read = _reader(loaded, family)
    for number, document in enumerate(documents):
        one: ModelInput | None = None
        said: Said = []
        if document.is_for(loaded.name) and document.kind in kinds:
            one, said = read(document)
        elif document.is_for(loaded.name):
            foreign.append(number)
        prepared.append(None if one is None else _labelled(one, document))
        notices += [Notice(kind, message, number, loaded.name) for kind, message in said]
    notices += _left_out(loaded, takes, documents, foreign)
    notices += [
        Notice("left-out", f"{loaded.name} is shown without {part}", None, loaded.name)
        for part in loaded.left_out
    ]
    refused = [n.message for n in notices if refuse or (refuse_long and n.kind == "truncated")]
    if refused:
        raise InputError(
            [*refused, "set long: truncate (without --strict) to accept this, or shorten the texts"]
        )
    if not any(prepared):
        reason = f": {notices[0].message}" if notices else ""
        raise InputError(f"model {loaded.name}: takes none of the corpus's documents{reason}")
    return prepared, notices


def _labelled(prepared: ModelInput, document: Document) -> ModelInput:
    """The document's labels on its tokens."""
    if not document.token_labels:
        return prepared
    axes = {
        axis: replace(
            tokens,
            labels={name: align(tokens, spans) for name, spans in document.token_labels.items()},
        )
        for axis, tokens in prepared.axes.items()
    }
    return ModelInput(axes, prepared.arrays)


_TAKES: Final[dict[FamilyName, tuple[tuple[DocumentKind, ...], str]]] = {
    "text": (("text", "pair", "prompt"), "texts"),
    "encoder-decoder": (("translation",), "translations (source and target)"),
    "vision": (("image",), "images"),
    "video": (("video",), "videos"),
    "audio": (("audio",), "audio"),
    "vision-language": (("image",), "images, with a text or without"),
}


def _kinds(
    loaded: LoadedModel, family: Family, documents: Sequence[Document]
) -> tuple[tuple[DocumentKind, ...], str]:
    """The kinds of documents that a model reads, and how to say so.

    A model that sees and reads is shown texts alone where the corpus has no pictures for it: both
    together would not make the same attention calls.
    """
    sees = any(document.kind == "image" and document.is_for(loaded.name) for document in documents)
    return _TAKES["text" if family.name == "vision-language" and not sees else family.name]


def _reader(
    loaded: LoadedModel, family: Family
) -> Callable[[Document], tuple[ModelInput | None, Said]]:
    """How this kind of model reads a document."""
    if family.name == "vision":
        tower = Tower(loaded.name, loaded.model, loaded.model.config)
        return Pictures(tower, loaded.processor, family.windows).prepare
    if family.name == "video":
        return Films(loaded.name, loaded.model.config, loaded.processor, family.windows).prepare
    if family.name == "audio":
        return Sounds(loaded).prepare
    if family.name == "vision-language":
        return Conversations(loaded).prepare
    reads = prepare_translation if family.name == "encoder-decoder" else prepare_text
    return partial(reads, loaded)


def _left_out(
    loaded: LoadedModel, takes: str, documents: Sequence[Document], foreign: list[int]
) -> list[Notice]:
    """One notice for all documents of a kind that the model does not take."""
    if not foreign:
        return []
    first, reason = documents[foreign[0]].title, f"{loaded.name} takes {takes}"
    if len(foreign) == 1:
        return [Notice("left-out", f"“{first}” was left out: {reason}", foreign[0], loaded.name)]
    message = f"{len(foreign)} documents were left out, the first of them “{first}”: {reason}"
    return [Notice("left-out", message, None, loaded.name)]
