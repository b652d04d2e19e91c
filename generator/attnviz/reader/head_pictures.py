"""What the page of each head shows of its shards: its attention in one document, its map, and the
texts that it reads most and least sharply."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

import numpy as np

from attnviz.format.manifest import Head, Model
from attnviz.reader.documents import read_document
from attnviz.reader.map_points import map_points
from attnviz.reader.selecting import stack_of
from attnviz.reader.store import ShardStore
from attnviz.reader.stored_attention import StoredAttention
from attnviz.score import Array
from attnviz.site.contexts import HeadPicture, MapPicture, ShadedText, TitledThumbnail
from attnviz.site.head_pages import HeadPictures, document_link
from attnviz.site.shading import shaded
from attnviz.site.thumbnail import Thumbnail, thumbnail

LONGEST: Final = 512
"""Tokens of a document whose attention is pictured."""
LONGEST_TEXT: Final = 120
"""Tokens of a text that stands in a page."""
TEXTS: Final = 3
_LOOKED_AT: Final = 64
"""Documents among which one to picture is looked for."""
_POINTS: Final = 250
"""Queries, and as many keys, of the map in a page."""
_BOX: Final = 1000
"""Sides of the map's picture, in units of its coordinates."""


def head_pictures(store: ShardStore) -> HeadPictures:
    """The pictures of all heads of a report, by name of the model and of the head. The same report
    gives the same pictures."""
    manifest = store.manifest
    return {
        (model.name, model.head_id(head)): _picture(store, model, head)
        for model in manifest.models
        for head in model.heads
    }


def patterns(store: ShardStore) -> dict[tuple[str, str], Thumbnail]:
    """The attention of each head in one document, by name of the model and of the head; heads of
    which no document is short enough are left out."""
    return {
        (model.name, model.head_id(head)): pattern.picture
        for model in store.manifest.models
        for head in model.heads
        if (pattern := _pattern(store, model, head)) is not None
    }


def _pictured_document(store: ShardStore, model: Model, head: Head) -> int | None:
    """The first document that is neither too long to picture nor too short to show anything; None
    where there is none among the first."""
    numbers = sorted(store.kept(model) or range(store.manifest.documents.count))
    for number in numbers[:_LOOKED_AT]:
        queries, keys = _lengths(store, model, head, number)
        if min(queries, keys) > 1 and max(queries, keys) <= LONGEST:
            return number
    return None


def _picture(store: ShardStore, model: Model, head: Head) -> HeadPicture:
    return HeadPicture(
        pattern=_pattern(store, model, head),
        map=_map(store, model, head),
        texts=tuple(_texts(store, model, head)),
    )


def _pattern(store: ShardStore, model: Model, head: Head) -> TitledThumbnail | None:
    number = _pictured_document(store, model, head)
    if number is None:
        return None
    picture = thumbnail(_attention(store, model, head, number))
    title = read_document(store, model, number).title
    return TitledThumbnail(picture, title, document_link(model, head, number))


def _map(store: ShardStore, model: Model, head: Head) -> MapPicture | None:
    """The head's first flat map, of points drawn evenly, in a box that they fill."""
    entry = next(
        (entry for entry in model.maps if entry.id in head.maps and entry.dimensions == 2), None
    )
    if entry is None:
        return None
    sides = map_points(store, model, head, entry.method, 2)
    points = [_drawn(side[np.isfinite(side).all(1)]) for side in sides]
    corners = np.concatenate(points)
    if not len(corners):
        return None
    low, span = corners.min(0), max(float(np.ptp(corners, 0).max()), 1e-12)
    middle = (corners.max(0) - low) / 2
    # In the middle of the box, with a margin for the dots themselves; up is up.
    placed = [(side - low - middle) / span * (_BOX - 60) * (1, -1) + _BOX / 2 for side in points]
    queries, keys = ("".join(f"M{x:.0f} {y:.0f}h0" for x, y in side.tolist()) for side in placed)
    return MapPicture(entry.title, _BOX, queries, keys)


def _drawn(points: Array) -> Array:
    """At most so many points, evenly by their place in the corpus."""
    if len(points) <= _POINTS:
        return points
    at: Array = points[np.linspace(0, len(points) - 1, _POINTS).astype(int)]
    return at


def _texts(store: ShardStore, model: Model, head: Head) -> Iterator[ShadedText]:
    """Texts among the typical documents that are stored, from the most sharply read one to the
    least."""
    kept = store.kept(model)
    short = [
        (number, focus)
        for number, focus in zip(head.typical, head.focus, strict=False)
        if 1 < max(_lengths(store, model, head, number)) <= LONGEST_TEXT
        and (kept is None or number in kept)
    ]
    short = list(dict(short).items())
    places = np.linspace(0, len(short) - 1, min(TEXTS, len(short))).astype(int)
    for number, focus in (short[place] for place in dict.fromkeys(places.tolist())):
        document = read_document(store, model, number)
        tokens = document.axes.get(stack_of(model, head).key_axis)
        if tokens is None or not (tokens.start >= 0).any():
            continue
        received = _received(_attention(store, model, head, number))
        yield shaded(document, tokens, received, focus, document_link(model, head, number))


def _received(attention: Array) -> Array:
    """Of attention (queries, keys) what each key gets, averaged over the queries that see
    anything."""
    rows = attention[np.isfinite(attention).all(1)]
    received: Array = rows.mean(0) if len(rows) else np.zeros(attention.shape[1])
    return received


def _attention(store: ShardStore, model: Model, head: Head, document: int) -> Array:
    stored = StoredAttention(store)
    return stored.decode(model, head, document, stored.intervals(model, head, document))


def _lengths(store: ShardStore, model: Model, head: Head, document: int) -> tuple[int, int]:
    stack = stack_of(model, head)
    axes = {axis.name: axis for axis in model.axes}
    queries, keys = (
        int(store.lengths(axes[name])[document]) for name in (stack.query_axis, stack.key_axis)
    )
    return queries, keys
