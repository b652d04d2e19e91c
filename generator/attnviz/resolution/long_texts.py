"""Texts longer than a model takes, cut into windows that overlap: each a document of its own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from attnviz.config import Config
from attnviz.documents import Document, Notice
from attnviz.modalities.registry import family_of
from attnviz.modalities.tokenizing import count_tokens
from attnviz.models.loaded import LoadedModel
from attnviz.resolution.cutting import cut_text

_LEAST: Final = 8
"""A model that takes fewer tokens beside its special ones is given the text's beginning alone."""

Cut = tuple[tuple[int, int], ...]
"""First character and the one after the last of each window."""


@dataclass(frozen=True)
class _LongText:
    """How a text that is longer than a model takes is cut, with the notice that says so."""

    cut: Cut
    notice: str
    figures: Mapping[str, float]


def cut_long_texts(
    documents: Sequence[Document], models: Sequence[LoadedModel], config: Config
) -> tuple[list[Document], list[Notice]]:
    """The documents in order, texts that are too long as windows of what each model takes.

    Models that cut a text alike share its windows; one that takes all of a text reads it whole.
    """
    readers = [loaded for loaded in models if family_of(loaded).reads_one_text]
    resolved: list[Document] = []
    notices: list[Notice] = []
    for document in documents:
        cuts = {
            loaded.name: _cut_for(loaded, document, config.window.overlap)
            for loaded in readers
            if document.is_for(loaded.name)
        }
        if not any(cuts.values()):
            resolved.append(document)
            continue
        first = len(resolved)
        notices += [
            Notice("window", long.notice, first, name, long.figures)
            for name, long in cuts.items()
            if long
        ]
        others = [
            loaded.name
            for loaded in models
            if loaded.name not in cuts and document.is_for(loaded.name)
        ]
        resolved += _windows(document, cuts, others)
    return resolved, notices


def _windows(
    document: Document, cuts: Mapping[str, _LongText | None], others: Sequence[str]
) -> list[Document]:
    """One document cut as its models need it, by model; `others` do not read it and are to say so
    of one of the cuts."""
    models_of: dict[Cut | None, list[str]] = {}
    for name, long in cuts.items():
        models_of.setdefault(long.cut if long else None, []).append(name)
    next(iter(models_of.values())).extend(others)
    windows = []
    for cut, names in models_of.items():
        models = document.models if len(models_of) == 1 else tuple(names)
        if cut is None:
            windows.append(replace(document, models=models))
            continue
        windows += [
            _window(document, place, title=f"part {number} of {len(cut)}", models=models)
            for number, place in enumerate(cut, 1)
        ]
    return windows


def _window(
    document: Document, place: tuple[int, int], title: str, models: tuple[str, ...] | None
) -> Document:
    """The part of a document at these characters, with its part of the labels and
    scores."""
    start, end = place
    labels = {
        name: tuple(
            (max(first, start) - start, min(last, end) - start, label)
            for first, last, label in spans
            if first < end and last > start
        )
        for name, spans in document.token_labels.items()
    }
    return replace(
        document,
        title=f"{document.title} · {title}",
        text=document.text[start:end],
        models=models,
        token_labels=labels,
        scores=tuple(row.within(start, end) for row in document.scores),
    )


def _cut_for(loaded: LoadedModel, document: Document, overlap: int) -> _LongText | None:
    """How a document is cut for a model; None where the model takes all of it."""
    text, limit = document.text, loaded.limit
    if not document.kind.can_be_cut or limit is None or len(text.encode()) + 16 <= limit:
        return None
    special = document.add_special_tokens
    tokens, around = count_tokens(loaded, text, special), count_tokens(loaded, "", special)
    if tokens <= limit or limit - around < _LEAST:
        return None
    overlap = min(overlap, (limit - around) // 2)

    def count(part: str) -> int:
        return count_tokens(loaded, part, special) - around

    cut = tuple(cut_text(text, count, limit - around, overlap))
    notice = (
        f"“{document.title}” has {tokens} tokens; {loaded.name} takes {limit}: it is shown as"
        f" {len(cut)} windows, which overlap by about {overlap} tokens"
    )
    figures = {"tokens": tokens, "limit": limit, "windows": len(cut), "overlap": overlap}
    return _LongText(cut, notice, figures)
