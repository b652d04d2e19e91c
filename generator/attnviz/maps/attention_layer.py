"""A layer's attention maps, made, and kept for the builds to come."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attnviz.engine.threads import one_thread
from attnviz.maps.attention_following import follow_attention
from attnviz.maps.attention_making import make_attention_maps
from attnviz.maps.earlier import EarlierMaps, keep_map
from attnviz.maps.former import FormerMaps
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.quantised_maps import QuantisedMaps, quantised


def make_layer_attention_maps(
    job: LayerJob,
    sizes: Sequence[int],
    device: str,
    start: EarlierMaps | FormerMaps | None,
    folder: Path,
    exact: bool,
) -> dict[str, QuantisedMaps]:
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
        for size, heads in by_size.items():
            keep_map(folder, size, heads, exact)
        return quantised("attention", by_size)
