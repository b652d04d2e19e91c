"""One layer's maps as a job: all that is needed to make them, in this process or in another."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from attnviz.capture.captured_layer import CapturedLayer
from attnviz.capture.result import LayerDocument
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.making import LayerPoints
from attnviz.maps.variants import SpaceName
from attnviz.score import Array, scores


@dataclass(frozen=True)
class Points:
    """The tokens of an axis as points: each token's place on the map, −1 where it has none, and
    documents' starts."""

    place: Array
    start: Array
    count: int

    def of(self, document: int) -> Array:
        """The places of a document's tokens."""
        return self.place[self.start[document] : self.start[document + 1]]


@dataclass(frozen=True)
class LayerJob:
    """A layer, and the points of its queries and of its keys. signs (heads, 3) mirror its principal
    axes.

    `pre_rotary` has each batch's folder of queries and keys before rotary embedding, where spaces
    are to be of those.
    """

    captured: CapturedLayer
    queries: Points
    keys: Points
    space: SpaceName
    seed: int
    signs: Array
    pre_rotary: tuple[Path, ...] = ()

    def both(self) -> tuple[LayerPoints, list[DocumentRows]]:
        """What `points` and `rows` give, of documents that are read once."""
        documents = list(self._documents())
        return self._points(documents), _on_map(documents)

    def rows(self) -> list[DocumentRows]:
        """The documents that have tokens on the map."""
        return _on_map(self._documents())

    def _documents(self) -> Iterator[tuple[LayerDocument, Array, Array]]:
        for document in self.captured.documents():
            number = document.document
            yield document, self.queries.of(number), self.keys.of(number)

    def points(self) -> LayerPoints:
        """Queries and keys of the layer at the map's points."""
        return self._points(self._documents())

    def _points(self, documents: Iterable[tuple[LayerDocument, Array, Array]]) -> LayerPoints:
        layer, rule = self.captured.layer, self.captured.rule
        sizes = self.queries.count, self.keys.count
        scored = self._vectors(documents) if layer.vectors else None
        q, k = (self._vectors(self._before()) if self.pre_rotary else scored) or (None, None)
        return LayerPoints(
            heads=layer.heads,
            sizes=sizes,
            q=q,
            k=k,
            scaling=rule.scaling,
            softcap=rule.softcap,
            signs=self.signs,
            space=self.space,
            seed=self.seed,
            scored=scored,
        )

    def _before(self) -> Iterator[tuple[LayerDocument, Array, Array]]:
        """The documents, with queries and keys as they were before rotary embedding."""
        layer, documents = self.captured.layer, self._documents()
        batches = self.captured.capture.batches
        for batch, folder in zip(batches, self.pre_rotary, strict=True):
            number = layer.number_in(batch)
            if number is None:
                continue
            q, k = (np.load(folder / f"{side}{number}.npy", mmap_mode="r") for side in "qk")
            places = zip(
                batch.batch.slices(layer.query_axis),
                batch.batch.slices(layer.key_axis),
                strict=True,
            )
            for (rows, columns), (document, *points) in zip(places, documents, strict=False):
                before = q[layer.selected, rows], k[layer.kv_numbers, columns]
                yield replace(document, q=before[0], k=before[1]), points[0], points[1]

    def _vectors(
        self, documents: Iterable[tuple[LayerDocument, Array, Array]]
    ) -> tuple[Array, Array]:
        """Queries (heads, points, d) and keys (kv heads, points, d), float32."""
        layer = self.captured.layer
        q = np.zeros((layer.heads, self.queries.count, layer.head_size), np.float32)
        k = np.zeros((layer.kv_heads, self.keys.count, layer.head_size), np.float32)
        for document, *points in documents:
            vectors = document.q, document.k
            for into, of_tokens, place in zip((q, k), vectors, points, strict=True):
                into[:, place[place >= 0]] = of_tokens[:, place >= 0]
        return q, k


def _on_map(documents: Iterable[tuple[LayerDocument, Array, Array]]) -> list[DocumentRows]:
    return [
        _rows(document, queries, keys)
        for document, queries, keys in documents
        if (queries >= 0).any() and (keys >= 0).any()
    ]


def _rows(document: LayerDocument, queries: Array, keys: Array) -> DocumentRows:
    """A document's attention, and its scores, as maps are fitted to them and measured by them."""

    def allowed(rows: slice) -> Array:
        return document.intervals.rows(rows).allowed()

    def score(rows: slice) -> Array:
        if document.a is not None:
            return document.attention(rows)
        s = scores(
            document.q[:, rows].astype(np.float64), document.k.astype(np.float64), document.rule
        )
        return s if document.bias is None else s + document.bias.rows(document.intervals.rows(rows))

    return DocumentRows(
        document=document.document,
        queries=queries,
        keys=keys,
        attention=document.attention,
        allowed=allowed,
        score=score,
    )
