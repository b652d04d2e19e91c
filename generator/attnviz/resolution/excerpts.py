"""Media as their models are shown them: a document for each choice of frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from attnviz.documents import Document, Media
from attnviz.modalities.family import Family
from attnviz.modalities.registry import family_of
from attnviz.models.loaded import LoadedModel


def choose_excerpts(documents: Sequence[Document], models: Sequence[LoadedModel]) -> list[Document]:
    """The documents in order, with what their models are shown of their media; models that are
    shown the same share a document."""
    families = {loaded.name: family_of(loaded) for loaded in models}
    resolved: list[Document] = []
    for document in documents:
        if document.media is None:
            resolved.append(document)
        else:
            resolved += _excerpts(document, document.media, families)
    return resolved


def _excerpts(document: Document, media: Media, families: Mapping[str, Family]) -> list[Document]:
    """One document for each way in which models are shown its media; those that do not read it are
    to say so of the first."""
    readers: dict[Media, list[str]] = {}
    titles: dict[Media, str] = {}
    others = []
    for name, family in families.items():
        if not document.is_for(name):
            continue
        if family.reads(document.kind):
            excerpt = family.excerpt(media)
            readers.setdefault(excerpt.media, []).append(name)
            titles[excerpt.media] = excerpt.title
        else:
            others.append(name)
    if not readers:
        return [document]
    if len(readers) == 1:
        return [replace(document, media=next(iter(readers)))]
    next(iter(readers.values())).extend(others)
    return [
        replace(
            document,
            media=part,
            models=tuple(names),
            title=f"{document.title} · {titles[part]}",
        )
        for part, names in readers.items()
    ]
