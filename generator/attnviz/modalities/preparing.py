"""Every document for a model, or why not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from attnviz.documents import Document, Notice, align
from attnviz.errors import InputError
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.modalities.tokenizing import DOUBLED
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel


def prepare(
    loaded: LoadedModel,
    family: Family,
    documents: Sequence[Document],
    refuse: bool,
    refuse_long: bool = False,
) -> tuple[list[ModelInput | None], list[Notice]]:
    """Each document as the model takes it, or None where it cannot, with a notice, or is not meant
    to.

    A text longer than the model's limit is cut, with a notice. A tokenizer's own fixed padding and
    truncation are not used: what counts is what the architecture takes.

    Raises InputError if the model takes none of the documents; if `refuse` is set, also with all
    that would be a notice; if `refuse_long` is, with the texts that are too long.
    """
    inputs, notices = _prepare_each(loaded, family, documents)
    notices += [
        Notice("left-out", f"{loaded.name} is shown without {part}", None, loaded.name)
        for part in loaded.left_out
    ]
    notices += loaded.notices
    refused = [n.message for n in notices if refuse or (refuse_long and n.kind == "truncated")]
    if refused:
        raise InputError(
            [*refused, "set long: truncate (without --strict) to accept this, or shorten the texts"]
        )
    if not any(inputs):
        reason = f": {notices[0].message}" if notices else ""
        raise InputError(f"model {loaded.name}: takes none of the corpus's documents{reason}")
    return inputs, notices


def _prepare_each(
    loaded: LoadedModel, family: Family, documents: Sequence[Document]
) -> tuple[list[ModelInput | None], list[Notice]]:
    inputs: list[ModelInput | None] = [None] * len(documents)
    notices: list[Notice] = []
    foreign: list[int] = []  # documents for it that are of a kind that it does not read
    reads, in_words = family.reads_of(documents)
    for number, document in enumerate(documents):
        if not document.is_for(loaded.name):
            continue
        if not reads(document.kind):
            foreign.append(number)
            continue
        with foreign_work(f"model {loaded.name}: “{document.title}”", _UNREAD):
            model_input, remarks = family.prepare(document)
        inputs[number] = model_input and _labelled(model_input, document)
        notices += [
            Notice(remark.kind, remark.message, number, loaded.name, dict(remark.figures))
            for remark in remarks
        ]
    return inputs, _once(notices) + _left_out(loaded, in_words, documents, foreign)


def _once(notices: Sequence[Notice]) -> list[Notice]:
    """The notices, with one for all documents that have a special token twice: a whole corpus of
    chats may."""
    doubled = [notice for notice in notices if notice.kind == DOUBLED]
    if len(doubled) < 2:
        return list(notices)
    first = doubled[0]
    more = len(doubled) - 1
    message = f"{first.message}; so have {more:,} documents more"
    return [n for n in notices if n.kind != DOUBLED] + [
        Notice(DOUBLED, message, first.document, first.model, {"more": more})
    ]


_UNREAD: Final = (
    "its tokenizer or processor cannot take it: look whether they do by themselves, or copy the"
    " model again"
)


def _labelled(model_input: ModelInput, document: Document) -> ModelInput:
    """The input with the document's labels on its tokens."""
    if not document.token_labels:
        return model_input
    axes = {
        axis: replace(
            tokens,
            labels={name: align(tokens, spans) for name, spans in document.token_labels.items()},
        )
        for axis, tokens in model_input.axes.items()
    }
    return ModelInput(axes, model_input.arrays)


def _left_out(
    loaded: LoadedModel, in_words: str, documents: Sequence[Document], foreign: list[int]
) -> list[Notice]:
    """One notice for all documents of kinds that the model does not read."""
    if not foreign:
        return []
    first, reason = documents[foreign[0]].title, f"{loaded.name} takes {in_words}"
    if len(foreign) == 1:
        return [Notice("left-out", f"“{first}” was left out: {reason}", foreign[0], loaded.name)]
    message = f"{len(foreign)} documents were left out, the first of them “{first}”: {reason}"
    return [Notice("left-out", message, None, loaded.name, {"documents": len(foreign)})]
