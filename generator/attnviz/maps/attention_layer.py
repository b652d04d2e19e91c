"""A layer's attention maps, measured, and kept for the builds to come."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from attnviz.engine.threads import one_thread
from attnviz.maps.attention_following import follow_attention
from attnviz.maps.attention_making import make_attention_maps
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.earlier import EarlierMaps, keep_map
from attnviz.maps.former import FormerMaps
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.making import HeadMap
from attnviz.maps.measuring import MeasuredMaps, QuantisedMaps
from attnviz.maps.quality import Measurement, measure
from attnviz.maps.variants import MapVariant
from attnviz.score import Array


def make_layer_attention_maps(
    job: LayerJob,
    sizes: Sequence[int],
    device: str,
    start: EarlierMaps | FormerMaps | None,
    folder: Path,
    exact: bool,
) -> dict[str, MeasuredMaps]:
    """A layer's attention maps by the variant's id; none if it has no points. On one thread,
    wherever it runs. Positions that later builds may start from are kept in the folder; `exact`, in
    every digit, for a later model's."""
    with one_thread():
        points, documents = job.points(), job.rows()
        earlier = start if isinstance(start, EarlierMaps) else None
        by_size = None
        if isinstance(start, FormerMaps):
            by_size = follow_attention(start, points, sizes, documents, device)
        by_size = by_size or make_attention_maps(points, sizes, documents, device, earlier)
        maps = QuantisedMaps.of("attention", by_size)
        known = {} if earlier is None else _known(earlier, by_size, documents)
        measured = measure(maps.positions, documents, job.seed, known=known)
        _keep(folder, by_size, documents, measured, exact)
        return maps.with_figures(measured, job.seed)


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
    exact: bool,
) -> None:
    """Keep attention maps, and what was measured of each document, for the builds to come."""
    for size, heads in maps.items():
        name = MapVariant("attention", size).id
        sums = [measured.sums_of(name, document.document) for document in documents]
        keep_map(folder, size, heads, documents, None if measured.sampled else sums, exact)
