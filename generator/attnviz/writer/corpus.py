"""Shards of the corpus: documents, and for each model its tokens, lengths, map sample and irregular
masks."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from typing import Any, Final

import numpy as np
from PIL import Image

from attnviz.documents import Document, Tokens
from attnviz.format.columns import LABEL
from attnviz.format.manifest import Axis, AxisKind, BiasTable, Sample
from attnviz.format.shards import TARGET, ShardFolder, cut
from attnviz.modalities import Crop
from attnviz.score import Array, Bias, Intervals


def write_documents(documents: Sequence[Document], groups: Array, into: ShardFolder) -> list[str]:
    """The documents' texts and titles, split by rows; returns the shards' ids."""
    labels = document_labels(documents)
    sizes = [len("".join((d.text, d.title, *d.labels.values())).encode()) + 14 for d in documents]
    names = []
    for part, (first, end) in enumerate(cut(sizes)):
        own = documents[first:end]
        columns = {
            "entry": [d.entry for d in own],
            "group": groups[first:end],
            "title": [d.title for d in own],
            "text": [d.text for d in own],
        } | {LABEL + name: [d.labels.get(name) for d in own] for name in labels}
        names.append(into.add(f"documents-{part}", "documents", columns, documents=(first, end)))
    return names


def document_labels(documents: Sequence[Document]) -> list[str]:
    """The names of all labels that any document has."""
    return sorted({name for document in documents for name in document.labels})


def write_images(documents: Sequence[Document], into: ShardFolder) -> list[str]:
    """The pictures of documents that have one, at most 448 pixels a side: photographs as JPEG, flat
    ones as PNG."""
    names: list[str] = []
    held: list[tuple[int, int, int, bytes]] = []

    def write() -> None:
        columns = dict(
            zip(
                ("document", "width", "height", "content"),
                map(list, zip(*held, strict=True)),
                strict=True,
            )
        )
        place = (held[0][0], held[-1][0] + 1)
        names.append(into.add(f"images-{len(names)}", "image", columns, documents=place))
        held.clear()

    # One shard at a time is in memory.
    for index, document in enumerate(documents):
        picture = document.picture()
        if picture is not None:
            row = (index, *_thumbnail(picture))
            if held and sum(len(content) for *_, content in held) + len(row[3]) > TARGET:
                write()
            held.append(row)
    if held:
        write()
    return names


def _thumbnail(small: Image.Image) -> tuple[int, int, bytes]:
    small.thumbnail((_THUMBNAIL, _THUMBNAIL))
    exact = _encoded(small, "PNG")
    if max(small.size) < _SMALL:  # its pixels are shown enlarged
        return *small.size, exact
    photo = _encoded(small, "JPEG", quality=_QUALITY)
    return *small.size, photo if 2 * len(photo) < len(exact) else exact


def _encoded(picture: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, kind, **options)
    return buffer.getvalue()


def write_axis(
    model: str,
    name: str,
    kind: AxisKind,
    documents: Sequence[Tokens | None],
    sample: Array,
    crops: Sequence[Crop | None],
    places: Array | None,
    into: ShardFolder,
) -> Axis:
    """A model's axis: its tokens or patches, their number by document, and the sample that its maps
    show.

    `crops` are the parts of the documents' pictures that the patches show; `places` (T,) are the
    tokens' places in their windows, where they attend within windows.
    """
    stem = f"{model}-{name}"
    counts = [0 if t is None else len(t) for t in documents]
    lengths = into.add(f"lengths-{stem}", "lengths", {"length": counts}, model=model, axis=name)
    labels = sorted({label for t in documents if t is not None for label in t.labels})
    sizes = [0 if t is None else _token_bytes(t) for t in documents]
    names = []
    for part, (first, end) in enumerate(cut(sizes)):
        own = [t for t in documents[first:end] if t is not None]
        columns: dict[str, Any] = {
            column: np.concatenate([getattr(t, of) for t in own] or [[]])
            for column, of in _COLUMNS.items()
        }
        columns["text"] = [text for t in own for text in t.texts]
        for label in labels:
            columns[LABEL + label] = [
                given for t in own for given in t.labels.get(label, [None] * len(t))
            ]
        place = (first, end)
        names.append(
            into.add(
                f"tokens-{stem}-{part}", "tokens", columns, model=model, axis=name, documents=place
            )
        )
    sampled = into.add(f"sample-{stem}", "sample", {"token": sample}, model=model, axis=name)
    placed = None
    if places is not None:
        placed = into.add(f"places-{stem}", "places", {"place": places}, model=model, axis=name)
    return Axis(
        name=name,
        kind=kind,
        tokens=sum(counts),
        labels=labels,
        lengths=lengths,
        shards=names,
        sample=Sample(shard=sampled, count=len(sample)),
        crops=_write_crops(model, name, crops, into),
        places=placed,
    )


def _write_crops(
    model: str, axis: str, crops: Sequence[Crop | None], into: ShardFolder
) -> str | None:
    """Which part of its picture each document shows, where it is not all of it."""
    rows = [(document, *crop) for document, crop in enumerate(crops) if crop is not None]
    if not rows:
        return None
    columns = dict(
        zip(("document", "left", "top", "right", "bottom"), zip(*rows, strict=True), strict=True)
    )
    return into.add(
        f"crops-{model}-{axis}",
        "crop",
        {n: list(c) for n, c in columns.items()},
        model=model,
        axis=axis,
    )


def _token_bytes(tokens: Tokens) -> int:
    """About what a document's tokens take."""
    texts = [
        *tokens.texts,
        *(given for labels in tokens.labels.values() for given in labels if given),
    ]
    return sum(len(text.encode()) for text in texts) + (22 + 4 * len(tokens.labels)) * len(tokens)


_COLUMNS: Final = {
    "id": "ids", "start": "start", "end": "end", "special": "special", "segment": "segment",
    "row": "row", "column": "column",
}  # fmt: skip
_THUMBNAIL: Final = 448
_SMALL: Final = 64
_QUALITY: Final = 85
"""Of a JPEG: beyond it bytes grow fast, below it edges blur."""


# A layer's bias with the numbers of its heads.
HeadBias = tuple[Bias | None, tuple[int, ...]]


def write_biases(model: str, layers: Sequence[HeadBias], into: ShardFolder) -> list[BiasTable]:
    """Each different bias once; layers find theirs by `number_biases`."""
    tables = []
    for number, (bias, heads) in enumerate(_distinct(layers).values()):
        assert bias is not None
        columns = {"head": list(heads), "values": [values.ravel() for values in bias.values]}
        name = into.add(f"bias-{model}-{number}", "bias", columns, model=model)
        tables.append(BiasTable(kind=bias.kind, size=bias.values.shape[-1], shard=name))
    return tables


def number_biases(layers: Sequence[HeadBias]) -> list[int | None]:
    """For each layer the number of its bias among the different ones."""
    order = {key: number for number, key in enumerate(_distinct(layers))}
    return [None if own[0] is None else order[_digest(own)] for own in layers]


def _distinct(layers: Sequence[HeadBias]) -> dict[bytes, HeadBias]:
    """The different biases, in order."""
    found: dict[bytes, HeadBias] = {}
    for own in layers:
        if own[0] is not None:
            found.setdefault(_digest(own), own)
    return found


def _digest(own: HeadBias) -> bytes:
    bias, heads = own
    assert bias is not None
    return repr((bias.kind, bias.values.shape, heads)).encode() + bias.values.tobytes()


def write_masks(
    model: str, rule: int, documents: int, intervals: dict[int, Intervals], into: ShardFolder
) -> list[str]:
    """The intervals of a mask of no simpler form, a row a document; a document without tokens has
    none."""
    rows = [intervals.get(d) for d in range(documents)]
    sizes = [16 if i is None else 8 * len(i.lo) for i in rows]
    names = []
    for part, (first, end) in enumerate(cut(sizes)):
        columns = {
            side: [[] if i is None else getattr(i, side).tolist() for i in rows[first:end]]
            for side in ("lo", "hi")
        }
        place = (first, end)
        names.append(
            into.add(
                f"mask-{model}-{rule}-{part}",
                "mask",
                columns,
                model=model,
                rule=rule,
                documents=place,
            )
        )
    return names
