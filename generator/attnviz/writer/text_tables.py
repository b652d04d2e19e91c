"""Shards of the corpus: documents, and for each model its tokens, lengths and map sample."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from attnviz.documents import Document, Tokens
from attnviz.format.columns import LABEL, NAME
from attnviz.format.manifest import AxisEntry, AxisKind, Sample
from attnviz.format.shards import ShardFolder, cut
from attnviz.modalities.model_input import Crop
from attnviz.score import Array


def write_documents(documents: Sequence[Document], groups: Array, into: ShardFolder) -> list[str]:
    """The documents' texts and titles, split by rows; returns the shards' ids."""
    labels = document_labels(documents)
    sizes = [len("".join((d.text, d.title, *d.labels.values())).encode()) + 14 for d in documents]
    names = []
    for part, (first, end) in enumerate(cut(sizes)):
        members = documents[first:end]
        columns = {
            "entry": [document.entry for document in members],
            "group": groups[first:end],
            "title": [document.title for document in members],
            "text": [document.text for document in members],
        }
        columns |= {
            LABEL + name: [document.labels.get(name) for document in members] for name in labels
        }
        names.append(into.add(f"documents-{part}", "documents", columns, documents=(first, end)))
    return names


def document_labels(documents: Sequence[Document]) -> list[str]:
    """The names of all labels that any document has."""
    return sorted({name for document in documents for name in document.labels})


def write_axis(
    model: str,
    name: str,
    kind: AxisKind,
    documents: Sequence[Tokens | None],
    sample: Array,
    crops: Sequence[Crop | None],
    places: Array | None,
    into: ShardFolder,
) -> AxisEntry:
    """A model's axis: its tokens or patches, their number by document, and the sample that its maps
    show.

    `crops` are the parts of the documents' images that the patches show; `places` (T,) are the
    tokens' places in their windows, where they attend within windows.
    """
    stem, which = f"{model}-{name}", {"model": model, "axis": name}
    counts = [0 if t is None else len(t) for t in documents]
    lengths = into.add(f"lengths-{stem}", "lengths", {"length": counts}, **which)
    labels = sorted({label for t in documents if t is not None for label in t.labels})
    sizes = [0 if t is None else _token_bytes(t) for t in documents]
    names = []
    for part, (first, end) in enumerate(cut(sizes)):
        columns = _token_columns([t for t in documents[first:end] if t is not None], labels)
        names.append(
            into.add(f"tokens-{stem}-{part}", "tokens", columns, documents=(first, end), **which)
        )
    sample_shard = into.add(f"sample-{stem}", "sample", {"token": sample}, **which)
    places_shard = None
    if places is not None:
        places_shard = into.add(f"places-{stem}", "places", {"place": places}, **which)
    return AxisEntry(
        name=name,
        kind=kind,
        tokens=sum(counts),
        labels=labels,
        lengths=lengths,
        shards=names,
        sample=Sample(shard=sample_shard, count=len(sample)),
        crops=_write_crops(model, name, crops, into),
        places=places_shard,
    )


def _token_columns(documents: Sequence[Tokens], labels: Sequence[str]) -> dict[str, Any]:
    """The tokens of these documents one after another, with their names if any has one."""
    columns: dict[str, Any] = {
        column: np.concatenate([getattr(tokens, name) for tokens in documents] or [[]])
        for column, name in _COLUMNS.items()
    }
    columns["text"] = [text for tokens in documents for text in tokens.texts]
    names = [name for tokens in documents for name in tokens.names]
    if any(names):
        columns[NAME] = names
    for label in labels:
        columns[LABEL + label] = [
            value
            for tokens in documents
            for value in tokens.labels.get(label, [None] * len(tokens))
        ]
    return columns


def _write_crops(
    model: str, axis: str, crops: Sequence[Crop | None], into: ShardFolder
) -> str | None:
    """Which part of its image each document shows, where it is not all of it."""
    rows = [(document, *crop) for document, crop in enumerate(crops) if crop is not None]
    if not rows:
        return None
    names = ("document", "left", "top", "right", "bottom")
    columns = dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))
    return into.add(f"crops-{model}-{axis}", "crop", columns, model=model, axis=axis)


def _token_bytes(tokens: Tokens) -> int:
    """About what a document's tokens take."""
    texts = [
        *tokens.texts,
        *(name for name in tokens.names if name),
        *(value for values in tokens.labels.values() for value in values if value),
    ]
    return sum(len(text.encode()) for text in texts) + (22 + 4 * len(tokens.labels)) * len(tokens)


_COLUMNS: Final = {"id": "ids"} | {
    name: name for name in ("start", "end", "special", "segment", "row", "column")
}
"""Columns of `tokens` shards, and the arrays of `Tokens` that fill them."""
