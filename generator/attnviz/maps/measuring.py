"""A layer's maps and spaces, measured against its attention."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attnviz.engine.threads import one_thread
from attnviz.format.manifest import MapFigures
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.earlier import EarlierMaps, keep_map
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.making import HeadMap, can_make, make
from attnviz.maps.quality import Measurement, Positions, Truth, measure
from attnviz.maps.stored_map import StoredMap, quantise
from attnviz.maps.variants import MapVariant, Method
from attnviz.score import Array


@dataclass(frozen=True)
class MeasuredMaps:
    """A layer's maps of one variant as they are stored, head by head, and the figures of each."""

    maps: list[StoredMap]
    figures: list[MapFigures]


def make_maps(
    job: LayerJob,
    method: Method,
    sizes: Sequence[int],
    device: str,
    earlier: EarlierMaps | None,
    folder: Path,
) -> dict[str, MeasuredMaps]:
    """A layer's maps by the variant's id; none if it can have no such maps. On one thread, wherever
    it runs. Positions that later builds may start from are kept in the folder."""
    with one_thread():
        points, documents = job.both()
        if not can_make(points, method):
            return {}
        by_size = make(points, method, sizes, documents=documents, device=device, earlier=earlier)
        maps = {MapVariant(method, size).id: heads for size, heads in by_size.items()}
        stored = {
            name: [quantise(head_map.queries, head_map.keys) for head_map in heads]
            for name, heads in maps.items()
        }
        positions = {name: _positions(of_heads) for name, of_heads in stored.items()}
        known = {} if earlier is None else _known(earlier, by_size, documents)
        measured = measure(positions, documents, job.seed, known=known)
        if method == "attention":
            _keep(folder, by_size, documents, measured)
        return {
            name: MeasuredMaps(stored[name], [
                _figures(*of_head, job.seed)
                for of_head in zip(heads, stored[name], measured.truths(name), strict=True)
            ])
            for name, heads in maps.items()
        }  # fmt: skip


def _known(
    earlier: EarlierMaps, sizes: Iterable[int], documents: Sequence[DocumentRows]
) -> dict[int, dict[str, Array]]:
    """What was measured of documents whose points stand where they stood, by number and map."""
    known: dict[int, dict[str, Array]] = {}
    for size in sizes:
        for document, sums in earlier.sums(size, documents).items():
            known.setdefault(document, {})[MapVariant("attention", size).id] = sums
    return known


def _keep(
    folder: Path,
    maps: Mapping[int, Sequence[HeadMap]],
    documents: Sequence[DocumentRows],
    measured: Measurement,
) -> None:
    """Keep attention maps, and what was measured of each document, for the builds to come."""
    for size, heads in maps.items():
        name = MapVariant("attention", size).id
        sums = [measured.sums_of(name, document.document) for document in documents]
        keep_map(folder, size, heads, documents, None if measured.sampled else sums)


def _positions(maps: Sequence[StoredMap]) -> Positions:
    queries, keys = zip(*(stored.positions() for stored in maps), strict=True)
    return np.stack(queries), np.stack(keys)


def _figures(head_map: HeadMap, stored: StoredMap, truth: Truth, seed: int) -> MapFigures:
    trusted = head_map.trustworthiness(*stored.positions(), seed)
    return MapFigures(
        quantisation_error=stored.quantisation_error,
        explained=head_map.explained,
        trustworthiness=trusted.value,
        trustworthiness_standard_error=trusted.error,
        top3_mass=truth.top3_mass.value,
        top3_mass_standard_error=truth.top3_mass.error,
        rank=truth.rank.value,
        rank_standard_error=truth.rank.error,
        rows=truth.rows,
        sampled=truth.sampled,
    )
