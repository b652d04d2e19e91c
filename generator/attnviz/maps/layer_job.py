"""One layer's maps as a job: all that is needed to make them, in this process or in another."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from attnviz.capture.batches import Batch
from attnviz.capture.captured_layer import CapturedLayer
from attnviz.capture.mapped_arrays import mapped
from attnviz.capture.result import LayerBatch, LayerDocument
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

    def rows(self) -> list[DocumentRows]:
        """The documents that have tokens on the map, batch by batch; each is read when it is asked
        about, and let go of when another one is."""
        layer, capture = self.captured.layer, self.captured.capture

        @lru_cache(maxsize=1)
        def batch_of(number: int) -> LayerBatch:
            return LayerBatch(layer, capture.batches[number], self.captured.rule)

        @lru_cache(maxsize=1)
        def document_at(number: int, row: int) -> LayerDocument:
            return batch_of(number).document(row)

        documents = []
        for number, captured in enumerate(capture.batches):
            if layer.number_in(captured) is None:
                continue
            for row, document in enumerate(captured.batch.documents):
                queries, keys = self.queries.of(document), self.keys.of(document)
                if (queries >= 0).any() and (keys >= 0).any():
                    read = partial(document_at, number, row)
                    documents.append(_rows(document, queries, keys, read))
        return documents

    def points(self) -> LayerPoints:
        """Queries and keys of the layer at the map's points."""
        layer, rule = self.captured.layer, self.captured.rule
        scored = self._at_points(self._scored()) if layer.vectors else None
        q, k = (self._at_points(self._before()) if self.pre_rotary else scored) or (None, None)
        return LayerPoints(
            heads=layer.heads,
            sizes=(self.queries.count, self.keys.count),
            q=q,
            k=k,
            scaling=rule.scaling,
            softcap=rule.softcap,
            signs=self.signs,
            space=self.space,
            seed=self.seed,
            scored=scored,
        )

    def _scored(self) -> Iterator[tuple[Batch, Array, Array]]:
        """Each batch's queries and keys (the model's heads, tokens, d), mapped from disk, as scores
        are made of them."""
        layer, capture = self.captured.layer, self.captured.capture
        for captured in capture.batches:
            number = layer.number_in(captured)
            if number is not None:
                yield captured.batch, *captured.vectors(number)

    def _before(self) -> Iterator[tuple[Batch, Array, Array]]:
        """The same as they were before rotary embedding."""
        layer, capture = self.captured.layer, self.captured.capture
        for captured, folder in zip(capture.batches, self.pre_rotary, strict=True):
            number = layer.number_in(captured)
            if number is not None:
                q, k = (mapped(folder / f"{side}{number}.npy") for side in "qk")
                yield captured.batch, q, k

    def _at_points(self, batches: Iterable[tuple[Batch, Array, Array]]) -> tuple[Array, Array]:
        """Queries (heads, points, d) and keys (kv heads, points, d), float32."""
        layer = self.captured.layer
        q = np.zeros((layer.heads, self.queries.count, layer.head_size), np.float32)
        k = np.zeros((layer.kv_heads, self.keys.count, layer.head_size), np.float32)
        sides = (q, layer.selected, self.queries), (k, layer.kv_numbers, self.keys)
        for batch, *vectors in batches:
            for (into, heads, points), of_batch in zip(sides, vectors, strict=True):
                place = np.concatenate([points.of(document) for document in batch.documents])
                kept = np.flatnonzero(place >= 0)
                for at, head in enumerate(heads):
                    into[at, place[kept]] = of_batch[head, kept]
        return q, k


def _rows(
    document: int, queries: Array, keys: Array, read: Callable[[], LayerDocument]
) -> DocumentRows:
    """A document's attention, and its scores, as maps are fitted to them and measured by them."""

    def allowed(rows: slice) -> Array:
        return read().intervals.rows(rows).allowed()

    def score(rows: slice) -> Array:
        layer_document = read()
        if layer_document.a is not None:
            return layer_document.attention(rows)
        q, k, bias = layer_document.q, layer_document.k, layer_document.bias
        s = scores(q[:, rows].astype(np.float64), k.astype(np.float64), layer_document.rule)
        return s if bias is None else s + bias.rows(layer_document.intervals.rows(rows))

    return DocumentRows(
        document=document,
        queries=queries,
        keys=keys,
        attention=lambda rows: read().attention(rows),
        allowed=allowed,
        score=score,
    )
