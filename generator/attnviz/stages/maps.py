"""Maps of every head, layer by layer, and the overview of them all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from attnviz import maps
from attnviz.cache import key_of
from attnviz.capture import Capture, Layer
from attnviz.maps import MapKind, pca_map
from attnviz.report import map_shards, schema, shards
from attnviz.report.shards import ShardFolder
from attnviz.score import Array
from attnviz.stages.work import Shards, Work, keep_shards

Figures = dict[str, list[dict[str, float]]]


def run_maps(work: Work, captured: Capture, key: str, kinds: Sequence[MapKind]) -> tuple[list[Figures], list[Shards]]:
    """Each layer's figures by map id, and the shards. A layer of which only attention was captured has no map."""
    figures: list[Figures] = []
    kept: list[Shards] = []
    overview: list[dict[str, Any]] = []
    samples = {name: axis.sample.tolist() for name, axis in work.axes.items()}
    names = [kind.id for kind in kinds]
    for layer in work.progress.steps(f"maps {work.name}", captured.layers, [1.0] * len(captured.layers)):
        own_key = key_of(key, layer.call, layer.selected, work.name, samples, names, maps, map_shards, schema, shards)

        def write(into: ShardFolder, layer: Layer = layer) -> Any:
            return _write(work, captured, layer, kinds, into)

        done, value = keep_shards(work.cache, "maps", own_key, write)
        figures.append(value["figures"])
        overview += value["overview"]
        kept.append(done)

    def write_overview(into: ShardFolder) -> None:
        map_shards.write_overview(work.name, overview, into)

    overview_key = key_of(overview, work.name, map_shards, schema, shards)
    kept.append(keep_shards(work.cache, "overview", overview_key, write_overview)[0])
    return figures, kept


def _write(work: Work, captured: Capture, layer: Layer, kinds: Sequence[MapKind], into: ShardFolder) -> dict[str, Any]:
    """All kinds of maps of a layer's heads; their figures, and the overview's rows by the first kind."""
    if not layer.vectors:
        return {"figures": {}, "overview": map_shards.empty_rows(layer.numbers, layer.stack, layer.layer)}
    q, k = sampled(work, captured, layer)
    place = {"model": work.name, "stack": layer.stack, "layer": layer.layer}
    figures: Figures = {}
    overview: list[dict[str, Any]] = []
    for kind in kinds:
        made = [pca_map(q[h], k[h // layer.group], kind.dimensions) for h in range(layer.heads)]
        figures[kind.id] = [{"quantisation_error": m.quantisation_error, "explained": m.explained} for m in made]
        map_shards.write_maps(made, layer.numbers, kind, f"map-{work.name}-{layer.stack}-L{layer.layer}", into, **place)
        overview = overview or map_shards.overview_rows(made, layer.numbers, layer.stack, layer.layer)
    return {"figures": figures, "overview": overview}


def sampled(work: Work, captured: Capture, layer: Layer) -> tuple[Array, Array]:
    """Queries (heads, points, d) and keys (kv heads, points, d) of a layer at the sampled tokens of their axes."""
    axes = [work.axes[name] for name in (layer.query_axis, layer.key_axis)]
    places = [axis.place() for axis in axes]
    starts = [np.concatenate([[0], np.cumsum(axis.lengths)]) for axis in axes]
    q = np.empty((layer.heads, len(axes[0].sample), layer.head_size), np.float32)
    k = np.empty((layer.kv_heads, len(axes[1].sample), layer.head_size), np.float32)
    for own in captured.documents(layer):
        for into, given, place, start in ((q, own.q, places[0], starts[0]), (k, own.k, places[1], starts[1])):
            to = place[start[own.document] : start[own.document + 1]]
            into[:, to[to >= 0]] = given[:, to >= 0]
    return q, k
