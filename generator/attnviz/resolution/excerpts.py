"""Films as their models take them: a document for each choice of frames."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from attnviz.documents import Document, Film
from attnviz.modalities import family_of, shown_film
from attnviz.models import LoadedModel


def choose_frames(documents: Sequence[Document], models: Sequence[LoadedModel]) -> list[Document]:
    """The documents in order, films with the frames that a model is shown; models that see alike
    share a document."""
    found: list[Document] = []
    for document in documents:
        found += [document] if document.film is None else _chosen(document, document.film, models)
    return found


def _chosen(document: Document, film: Film, models: Sequence[LoadedModel]) -> list[Document]:
    """One document for each way in which models see its film; those that see none are to say so of
    the first."""
    ways: dict[Film, list[str]] = {}
    others = []
    for loaded in (own for own in models if document.is_for(own.name)):
        if family_of(loaded).name == "video":
            ways.setdefault(shown_film(film, loaded.processor, loaded.model.config), []).append(
                loaded.name
            )
        else:
            others.append(loaded.name)
    if not ways:
        return [document]
    if len(ways) == 1:
        return [replace(document, film=next(iter(ways)))]
    next(iter(ways.values())).extend(others)
    return [
        replace(
            document,
            film=way,
            models=tuple(names),
            title=f"{document.title} · {len(way.frames)} frames",
        )
        for way, names in ways.items()
    ]
