"""One layer's maps by one method, as a job of its own: what another process, or another machine,
needs to make them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from attnviz import geometry
from attnviz.capture import Capture, Layer
from attnviz.capture.result import LayerDocument
from attnviz.engine.threads import one_thread
from attnviz.maps import MapVariant, Method, SpaceName, StoredMap, quantise
from attnviz.maps.attended_rows import DocumentRows
from attnviz.maps.making import LayerPoints, Made, can_make, make
from attnviz.maps.quality import MEASURED_PAIRS, Measurement, Positions, Truth
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

    captured: Capture
    layer: Layer
    queries: Points
    keys: Points
    space: SpaceName
    seed: int
    signs: Array
    pre_rotary: tuple[Path, ...] = ()

    def rows(self) -> list[DocumentRows]:
        """The documents that have tokens on the map."""
        return [
            _rows(own, *at)
            for own, *at in self._documents()
            if (at[0] >= 0).any() and (at[1] >= 0).any()
        ]

    def _documents(self) -> Iterator[tuple[LayerDocument, Array, Array]]:
        for own in self.captured.documents(self.layer):
            yield own, self.queries.of(own.document), self.keys.of(own.document)

    def points(self) -> LayerPoints:
        """Queries and keys of the layer at the map's points."""
        layer = self.layer
        rule = self.captured.rules[layer.rule]
        sizes = self.queries.count, self.keys.count
        scored = self._vectors(self._documents()) if layer.vectors else None
        q, k = (self._vectors(self._before()) if self.pre_rotary else scored) or (None, None)
        return LayerPoints(
            layer.heads,
            sizes,
            q,
            k,
            rule.scaling,
            rule.softcap,
            self.signs,
            self.space,
            self.seed,
            scored,
        )

    def _before(self) -> Iterator[tuple[LayerDocument, Array, Array]]:
        """The documents, with queries and keys as they were before rotary embedding."""
        layer, documents = self.layer, self._documents()
        for own, folder in zip(self.captured.batches, self.pre_rotary, strict=True):
            q, k = (np.load(folder / f"{side}{layer.call}.npy", mmap_mode="r") for side in "qk")
            places = zip(
                own.batch.slices(layer.query_axis), own.batch.slices(layer.key_axis), strict=True
            )
            for (at, to), (document, *points) in zip(places, documents, strict=False):
                yield (
                    replace(document, q=q[layer.selected, at], k=k[layer.kv_numbers, to]),
                    points[0],
                    points[1],
                )

    def _vectors(
        self, documents: Iterator[tuple[LayerDocument, Array, Array]]
    ) -> tuple[Array, Array]:
        """Queries (heads, points, d) and keys (kv heads, points, d), float32."""
        layer = self.layer
        q = np.zeros((layer.heads, self.queries.count, layer.head_size), np.float32)
        k = np.zeros((layer.kv_heads, self.keys.count, layer.head_size), np.float32)
        for own, *at in documents:
            for into, vectors, to in zip((q, k), (own.q, own.k), at, strict=True):
                into[:, to[to >= 0]] = vectors[:, to >= 0]
        return q, k


def _rows(own: LayerDocument, queries: Array, keys: Array) -> DocumentRows:
    def allowed(rows: slice) -> Array:
        return own.intervals.rows(rows).allowed()

    def score(rows: slice) -> Array:
        if own.a is not None:
            return own.attention(rows)
        s = scores(own.q[:, rows].astype(np.float64), own.k.astype(np.float64), own.rule)
        return s if own.bias is None else s + own.bias.rows(own.intervals.rows(rows))

    return DocumentRows(queries, keys, own.attention, allowed, score)


@dataclass(frozen=True)
class KindMade:
    """A layer's maps of one kind as they are stored, and the figures of each."""

    maps: list[StoredMap]
    figures: list[dict[str, Any]]


def make_maps(
    job: LayerJob, method: Method, sizes: Sequence[int], device: str
) -> dict[str, KindMade]:
    """A layer's maps by map id; none where it can have no such maps. On one thread, wherever it
    runs."""
    with one_thread():
        points = job.points()
        if not can_make(points, method):
            return {}
        documents = job.rows()
        made = make(points, method, sizes, documents, device)
        ids = {MapVariant(method, size).id: own for size, own in made.items()}
        stored = {name: [quantise(m.queries, m.keys) for m in own] for name, own in ids.items()}
        measured = _measure(
            {name: _positions(own) for name, own in stored.items()}, documents, job.seed
        )
        return {
            name: KindMade(stored[name], [
                _figures(*of_head, job.seed)
                for of_head in zip(own, stored[name], measured.truths(name), strict=True)
            ])
            for name, own in ids.items()
        }  # fmt: skip


def _positions(maps: Sequence[StoredMap]) -> Positions:
    placed = [own.placed() for own in maps]
    return np.stack([queries for queries, _ in placed]), np.stack([keys for _, keys in placed])


def _figures(made: Made, stored: StoredMap, truth: Truth, seed: int) -> dict[str, Any]:
    return {
        "quantisation_error": stored.quantisation_error,
        "explained": made.explained,
        "trustworthiness": made.trustworthiness(*stored.placed(), seed),
        "top3_mass": truth.top3_mass,
        "rank": truth.rank,
        "rows": truth.rows,
    }


def _measure(
    positions: Mapping[str, Positions],
    documents: Sequence[DocumentRows],
    seed: int,
    pairs: int = MEASURED_PAIRS,
) -> Measurement:
    """Maps or spaces against the attention of these documents, or of a sample of their rows."""
    total = sum(len(own.queries) * len(own.keys) for own in documents)
    measured = Measurement(positions, min(1.0, pairs / max(1, total)), seed)
    for own in documents:
        measured.add(own)
    return measured


SPACES = ("translated-cosine", "translated-euclidean", "lifted")
_SCALE_POINTS = 512


def measure_spaces(job: LayerJob) -> list[dict[str, dict[str, float | None]]]:
    """How truly distance tells attention in each full space, head by head; [] where there are no
    queries and keys.

    The Euclidean space takes the scale c that correlates best on at most 512 queries and keys.
    """
    with one_thread():
        points = job.points()
        if points.q is None or points.k is None or min(points.sizes) == 0:
            return []
        rng = np.random.default_rng(job.seed)
        some = [rng.choice(size, min(size, _SCALE_POINTS), replace=False) for size in points.sizes]
        found: dict[str, list[tuple[Array, Array]]] = {name: [] for name in SPACES}
        scales = []
        for head, q in enumerate(points.q):
            k = points.k[head // (points.heads // len(points.k))]
            scale = geometry.best_scale(q[some[0]], geometry.translate_keys(q, k)[some[1]])[0]
            scales.append(scale)
            for space in (
                geometry.translated_space(q, k),
                geometry.translated_space(q, k, "euclidean", scale),
                geometry.lifted_space(q, k),
            ):
                found[space.name].append(space.vectors())
        positions = {
            name: (np.stack([x for x, _ in own]), np.stack([y for _, y in own]))
            for name, own in found.items()
        }
        measured = _measure(positions, job.rows(), job.seed, MEASURED_PAIRS // 16)
        truths = {name: measured.truths(name) for name in SPACES}
        return [
            {
                name: {
                    "top3_mass": truths[name][head].top3_mass,
                    "rank": truths[name][head].rank,
                    "scale": scales[head] if name == "translated-euclidean" else None,
                }
                for name in SPACES
            }
            for head in range(points.heads)
        ]
