"""A layer's maps of its queries and keys as vectors, made, and kept for a later model's."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attnviz.engine.threads import one_thread
from attnviz.maps.earlier import keep_map
from attnviz.maps.following import follow
from attnviz.maps.former import FormerMaps
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.making import make
from attnviz.maps.quantised_maps import QuantisedMaps, quantised
from attnviz.maps.variants import Method


def make_layer_vector_maps(
    job: LayerJob,
    method: Method,
    sizes: Sequence[int],
    former: FormerMaps | None,
    keep_in: Path | None,
) -> dict[str, QuantisedMaps]:
    """A layer's maps by the variant's id, from a former model's or from scratch; none if it can
    have no such maps. On one thread, wherever it runs. `keep_in` is where positions are kept for a
    later model's."""
    with one_thread():
        points = job.points()
        by_size = None if former is None else follow(former, points, method, sizes)
        by_size = by_size or make(points, method, sizes)
        if keep_in is not None:
            for size, heads in by_size.items():
                keep_map(keep_in, size, heads, exact=True)
        return quantised(method, by_size)
