"""A layer's maps by all methods and its full spaces, measured against its attention in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from attnviz.engine.threads import one_thread
from attnviz.format.manifest import MapFigures, SpaceFigures
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.earlier import EarlierSums, keep_sums
from attnviz.maps.full_spaces import SPACE_PAIRS, SPACES, full_spaces
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.making import LayerPoints, vectors_of
from attnviz.maps.measured_rows import Positions
from attnviz.maps.quality import (
    MEASURED_PAIRS,
    Measurement,
    Truth,
    measure_together,
    trustworthiness_of_maps,
)
from attnviz.maps.quantised_maps import QuantisedMaps
from attnviz.maps.row_sample import draw_rows
from attnviz.maps.stored_map import LEVELS, StoredMap
from attnviz.maps.variants import Method
from attnviz.sampling import Estimate
from attnviz.score import Array

_SIDES: Final = ("queries", "keys")


@dataclass(frozen=True)
class LayerMeasures:
    """What was measured of a layer: its maps by id, head by head; each head's full spaces, by name,
    [] if it has none."""

    maps: dict[str, list[MapFigures]]
    spaces: list[dict[str, SpaceFigures]]


def measure_maps(
    job: LayerJob,
    by_method: Mapping[Method, Mapping[str, QuantisedMaps]],
    earlier: EarlierSums | None,
    folder: Path,
) -> LayerMeasures:
    """How true a layer's maps are, by method and id, and its full spaces. On one thread, wherever
    it runs.

    Of attention maps `earlier` says what was measured of documents whose points have not moved; for
    the builds to come the same is kept in the folder.
    """
    with one_thread():
        points, documents = job.points(), job.rows()
        known = {} if earlier is None else earlier.of(documents)
        measurements = _measurements(by_method, documents, job.seed, known)
        spaces, scales = _spaces(points)
        of_spaces = Measurement(spaces, draw_rows(documents, SPACE_PAIRS, job.seed))
        measure_together([*measurements.values(), of_spaces], documents)
        _keep(folder, points, documents, measurements)
        maps = {
            name: _map_figures(of_name, measurements[method].truths(name), trusts[name])
            for method, maps_of_method in by_method.items()
            for trusts in [_trusts(points, method, maps_of_method)]
            for name, of_name in maps_of_method.items()
        }
        return LayerMeasures(maps, _space_figures(of_spaces, scales))


def _measurements(
    by_method: Mapping[Method, Mapping[str, QuantisedMaps]],
    documents: Sequence[DocumentRows],
    seed: int,
    known: Mapping[int, Mapping[str, Array]],
) -> dict[Method, Measurement]:
    """Each method's maps, to be held against the same sample of rows."""
    sample = draw_rows(documents, MEASURED_PAIRS, seed)
    return {
        method: Measurement(
            {name: StoredPositions.of(of_name.maps) for name, of_name in maps.items()},
            sample,
            known if method == "attention" else {},
        )
        for method, maps in by_method.items()
    }


@dataclass(frozen=True)
class StoredPositions:
    """Maps of several heads as readers find them: codes of queries and of keys, (heads, points,
    dimensions) uint16, and each head's box, lo and span (heads, 1, dimensions) float64."""

    queries: Array
    keys: Array
    lo: Array
    span: Array

    @classmethod
    def of(cls, maps: Sequence[StoredMap]) -> StoredPositions:
        """Those of these maps."""
        queries, keys = (np.stack([getattr(each, side) for each in maps]) for side in _SIDES)
        lo, hi = (np.stack([getattr(each, end) for each in maps])[:, None] for end in ("lo", "hi"))
        return cls(queries, keys, lo, hi - lo)

    @property
    def heads(self) -> int:
        """How many heads they are of."""
        return len(self.queries)

    def queries_at(self, queries: Array) -> Array:
        """The positions of these queries, (heads, so many, dimensions)."""
        return self._decoded(self.queries[:, queries])

    def keys_at(self, keys: Array) -> Array:
        """The positions of these keys, (heads, so many, dimensions)."""
        return self._decoded(self.keys[:, keys])

    def _decoded(self, codes: Array) -> Array:
        positions: Array = self.lo + codes.astype(np.float64) / LEVELS * self.span
        return positions


def _spaces(points: LayerPoints) -> tuple[Mapping[str, Positions], Sequence[float]]:
    """The layer's full spaces by name, and each head's scale; none without queries and keys."""
    if points.q is None or points.k is None or not points.has_vectors:
        return {}, []
    return full_spaces(points.q, points.k, points.seed)


def _keep(
    folder: Path,
    points: LayerPoints,
    documents: Sequence[DocumentRows],
    measurements: Mapping[Method, Measurement],
) -> None:
    """Keep what was measured of each document on attention maps, where that was all of its rows."""
    measured = measurements.get("attention")
    if measured is None or measured.sampled or not measured.positions or not documents:
        return
    sums = {
        name: [measured.sums_of(name, document.document) for document in documents]
        for name in measured.positions
    }
    keep_sums(folder, points.sizes, documents, sums)


def _trusts(
    points: LayerPoints, method: Method, maps: Mapping[str, QuantisedMaps]
) -> dict[str, list[Estimate]]:
    """Each head's trustworthiness, by the map's id; no value for attention maps, which are made of
    no vectors."""
    if method == "attention":
        return {name: [Estimate(None)] * len(of_name.maps) for name, of_name in maps.items()}
    by_head = []
    for head, stored in enumerate(zip(*(of_name.maps for of_name in maps.values()), strict=True)):
        positions = [np.concatenate(each.positions()) for each in stored]
        vectors = vectors_of(points, head, method)
        by_head.append(trustworthiness_of_maps(vectors, positions, points.seed))
    return dict(zip(maps, map(list, zip(*by_head, strict=True)), strict=True))


def _map_figures(
    maps: QuantisedMaps, truths: Sequence[Truth], trusts: Sequence[Estimate]
) -> list[MapFigures]:
    return [
        MapFigures(
            quantisation_error=stored.quantisation_error,
            explained=explained,
            trustworthiness=trust.value,
            trustworthiness_standard_error=trust.error,
            top3_mass=truth.top3_mass.value,
            top3_mass_standard_error=truth.top3_mass.error,
            rank=truth.rank.value,
            rank_standard_error=truth.rank.error,
            rows=truth.rows,
            sampled=truth.sampled,
        )
        for stored, explained, trust, truth in zip(
            maps.maps, maps.explained, trusts, truths, strict=True
        )
    ]


def _space_figures(measured: Measurement, scales: Sequence[float]) -> list[dict[str, SpaceFigures]]:
    """Of each head by space; only the Euclidean space has a scale."""
    truths = {name: measured.truths(name) for name in measured.positions}
    return [
        {
            name: _figures_of_space(
                truths[name][head], scale if name == "translated-euclidean" else None
            )
            for name in SPACES
        }
        for head, scale in enumerate(scales)
    ]


def _figures_of_space(truth: Truth, scale: float | None) -> SpaceFigures:
    return SpaceFigures(
        top3_mass=truth.top3_mass.value,
        top3_mass_standard_error=truth.top3_mass.error,
        rank=truth.rank.value,
        rank_standard_error=truth.rank.error,
        scale=scale,
        rows=truth.rows,
        sampled=truth.sampled,
    )
