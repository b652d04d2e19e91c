"""Maps of every head, layer by layer and method by method, and the overview of them all."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np

from attnviz import geometry
from attnviz.capture import Capture, Layer, rotary
from attnviz.engine.cache import fan_out, key_of
from attnviz.format import manifest as schema
from attnviz.format import shards
from attnviz.format.shards import ShardFolder
from attnviz.maps import (
    MapVariant,
    Method,
    align,
    attended_rows,
    attention_map,
    embedding,
    making,
    pca,
    quality,
    stored_map,
)
from attnviz.maps.align import same_signs
from attnviz.maps.making import can_make, principal_axes
from attnviz.maps.variants import TITLES
from attnviz.score import Array
from attnviz.stages import map_jobs
from attnviz.stages.map_jobs import KindMade, LayerJob, Points, make_maps, measure_spaces
from attnviz.stages.rotary import is_pre_rotary, pre_rotary_folders
from attnviz.stages.work import Shards, Work, keep_shards
from attnviz.writer import maps as map_shards
from attnviz.writer.maps import LayerFigures

_CODE: Final = (
    geometry,
    align,
    attention_map,
    stored_map,
    embedding,
    making,
    pca,
    quality,
    attended_rows,
    map_jobs,
    rotary,
)
_PACKAGES: Final = ("scipy", "umap-learn", "numba")
AXES: Final = 3
"""Principal axes whose signs are chosen, which is the most a map has."""

SECONDS: Final[dict[Method, float]] = {"attention": 2.5e-4, "pca": 1e-5, "umap": 8e-4, "tsne": 2e-2}
"""About how long a method takes for one token of one head in 2 and 3 dimensions, to share out the
work."""


def run_maps(
    work: Work, captured: Capture, key: str, kinds: Sequence[MapVariant]
) -> tuple[list[LayerFigures], list[Shards]]:
    """Each layer's figures, and the shards. A layer of which only attention was captured has
    attention maps alone."""
    key = key_of(
        key,
        {name: axis.sample.tolist() for name, axis in work.axes.items()},
        work.config.maps.space,
        work.config.maps.rotary,
        work.config.seed,
        {name: version(name) for name in _PACKAGES},
        *_CODE,
    )
    pre_rotary = pre_rotary_folders(work, captured)
    jobs = _layer_jobs(work, captured, key, pre_rotary)
    figures: list[dict[str, list[dict[str, Any]]]] = [{} for _ in jobs]
    overview: list[list[dict[str, Any]]] = [
        map_shards.empty_rows(own.numbers, own.stack, own.layer) for own in captured.layers
    ]
    kept: list[Shards] = []
    for method in dict.fromkeys(kind.method for kind in kinds):
        sizes = [kind.dimensions for kind in kinds if kind.method == method]
        for number, (done, value) in enumerate(_method(work, jobs, key, method, sizes)):
            kept.append(done)
            figures[number] |= value["figures"]
            overview[number] = value["overview"].get(kinds[0].id, overview[number])
    kept.append(_overview(work, [row for own in overview for row in own]))
    spaces = _spaces(work, jobs, key)
    limits = [_limits(job) for job in jobs]
    return [LayerFigures(*own) for own in zip(figures, spaces, limits, strict=True)], kept


def _layer_jobs(
    work: Work, captured: Capture, key: str, pre_rotary: tuple[Path, ...]
) -> list[LayerJob]:
    """A job for each layer, with the signs of its principal axes."""
    points = {
        name: Points(axis.place(), np.concatenate([[0], np.cumsum(axis.lengths)]), len(axis.sample))
        for name, axis in work.axes.items()
    }
    config = work.config
    plain = [
        LayerJob(
            captured,
            layer,
            points[layer.query_axis],
            points[layer.key_axis],
            config.maps.space,
            config.seed,
            np.ones((layer.heads, AXES)),
            pre_rotary if is_pre_rotary(pre_rotary, layer.call) else (),
        )
        for layer in captured.layers
    ]
    chosen = [(layer.call, layer.selected) for layer in captured.layers]
    found = work.cache.value(
        "signs", key_of(key, chosen), lambda: [own.tolist() for own in _signs(plain)]
    )
    return [replace(job, signs=np.array(signs)) for job, signs in zip(plain, found, strict=True)]


def _signs(jobs: Sequence[LayerJob]) -> Iterator[Array]:
    """For each layer (heads, 3): its principal axes mirrored to be most like those of the head
    before."""
    before: dict[tuple[str, str], Array] = {}
    for job in jobs:
        axes = job.layer.query_axis, job.layer.key_axis
        points = job.points()
        for head in range(job.layer.heads if can_make(points, "pca") else 0):
            placed = principal_axes(points, head, AXES).placed
            job.signs[head] = same_signs(placed, before.get(axes, placed))
            before[axes] = placed * job.signs[head]
        yield job.signs


def _method(
    work: Work, jobs: Sequence[LayerJob], key: str, method: Method, sizes: Sequence[int]
) -> Iterator[tuple[Shards, Any]]:
    """Each layer's maps by one method: its shards, and the value kept with them."""
    device = work.loaded.device.type if method == "attention" else "cpu"
    keys = [
        key_of(key, job.layer.call, job.layer.selected, work.name, method, sizes, device)
        for job in jobs
    ]
    missing = {
        own: (job, method, sizes, device)
        for job, own in zip(jobs, keys, strict=True)
        if not work.cache.has("maps", own)
    }
    costs = [
        SECONDS[method] * job.layer.heads * max(job.queries.count, job.keys.count) for job in jobs
    ]
    # A GPU takes one layer after another, from this process.
    made = fan_out(make_maps, missing, sum(costs), here=device != "cpu")
    steps = work.progress.steps(
        f"{TITLES[method]} {work.name}", list(zip(jobs, keys, strict=True)), costs
    )
    for job, own in steps:

        def write(into: ShardFolder, layer: Layer = job.layer, own: str = own) -> Any:
            return _write(work, layer, made(own), into)

        yield keep_shards(work.cache, "maps", own, write)


def _write(work: Work, layer: Layer, made: Mapping[str, KindMade], into: ShardFolder) -> Any:
    """The shards of a layer's maps; their figures and the overview's rows, by map id."""
    stem = f"map-{work.name}-{layer.stack}-L{layer.layer}"
    place = {"model": work.name, "stack": layer.stack, "layer": layer.layer}
    for name, own in made.items():
        map_shards.write_maps(own.maps, layer.numbers, name, stem, into, **place)
    rows = {
        name: map_shards.overview_rows(own.maps, layer.numbers, layer.stack, layer.layer)
        for name, own in made.items()
    }
    return {"figures": {name: own.figures for name, own in made.items()}, "overview": rows}


def _overview(work: Work, rows: Sequence[dict[str, Any]]) -> Shards:
    own_key = key_of(rows, work.name, map_shards, schema, shards)
    return keep_shards(
        work.cache,
        "overview",
        own_key,
        lambda into: map_shards.write_overview(work.name, rows, into),
    )[0]


def _spaces(
    work: Work, jobs: Sequence[LayerJob], key: str
) -> list[list[dict[str, dict[str, float | None]]]]:
    """How true each head's full spaces are, by layer and head."""
    keys = [key_of(key, job.layer.call, job.layer.selected, "spaces") for job in jobs]
    missing = {
        own: (job,)
        for job, own in zip(jobs, keys, strict=True)
        if not work.cache.has("spaces", own)
    }
    costs = [SECONDS["attention"] / 3 * job.layer.heads * job.queries.count for job in jobs]
    made = fan_out(measure_spaces, missing, sum(costs))
    steps = work.progress.steps(f"spaces {work.name}", keys, costs)
    return [work.cache.value("spaces", own, partial(made, own)) for own in steps]


def _limits(job: LayerJob) -> tuple[str, ...]:
    layer = job.layer
    return geometry.limits(
        bias=layer.bias is not None, softcap=job.captured.rules[layer.rule].softcap is not None,
        sink=layer.sinks is not None, pre_rotary=bool(job.pre_rotary),
    )  # fmt: skip
