"""Maps of every head of a model, layer by layer and method by method, and the overview of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import repeat
from pathlib import Path

import numpy as np

from attnviz import geometry
from attnviz.capture.axes import CorpusAxis
from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.corpus import is_pre_rotary, pre_rotary_folders
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.config import Config
from attnviz.engine.engine import Engine, Piece
from attnviz.engine.step import Call
from attnviz.format.manifest import MapStart
from attnviz.maps.earlier import EarlierMaps, EarlierSums
from attnviz.maps.former import FormerMaps
from attnviz.maps.layer_job import LayerJob, Points
from attnviz.maps.measuring import LayerMeasures
from attnviz.maps.signs import AXES, choose_signs
from attnviz.maps.variants import (
    MEASURING_SECONDS,
    SECONDS,
    TITLES,
    MapVariant,
    Method,
    first_map,
    map_variants,
)
from attnviz.score import Array
from attnviz.series.figures import Divergences
from attnviz.writer.layer_attention_maps import write_layer_attention_maps
from attnviz.writer.layer_maps import LayerMaps, write_layer_maps, write_model_overview
from attnviz.writer.layer_measures import MadeMaps, measure_layer_maps
from attnviz.writer.map_starts import LastBuild, Start
from attnviz.writer.maps import LayerFigures, OverviewRow, empty_rows
from attnviz.writer.results import StoredShards


@dataclass(frozen=True)
class ModelMaps:
    """The variants that were made, the first of which the overview shows; the figures of each
    layer; the shards; and what attention maps started from. `kept` are the folders of each layer's
    maps by method, and `jobs` what they were made of, for a later model's maps to start from."""

    variants: Sequence[MapVariant]
    layers: Sequence[LayerFigures]
    shards: Sequence[StoredShards]
    start: MapStart | None
    kept: Mapping[Method, Sequence[Path]]
    jobs: Sequence[LayerJob]

    def followed_by(self, method: Method, divergences: Divergences) -> list[FormerMaps]:
        """What a later model's maps by a method start from, by layer; `divergences` are how far its
        heads are from this model's."""
        return [
            FormerMaps(folder, job, np.array(of.same), np.array([mean or 0.0 for mean in of.means]))
            for folder, job, of in zip(self.kept[method], self.jobs, divergences, strict=True)
        ]


Former = tuple[ModelMaps, Divergences]
"""The maps of the model before in a series, and how far heads are from that model's, by layer."""


def make_model_maps(
    corpus: ModelCorpus,
    captured: Capture,
    samples: Mapping[str, Array],
    config: Config,
    engine: Engine,
    former: Former | None = None,
) -> ModelMaps:
    """The maps of all heads. A layer of which only attention was captured has attention maps alone.
    `samples` are the tokens on maps, by axis. Those of a model of a series start from its
    `former`."""
    options = config.maps
    before = options.rotary == "before"
    variants = map_variants(options.methods, options.dimensions, before, options.space)
    pre_rotary = pre_rotary_folders(corpus, captured, config.maps.rotary, engine)
    jobs = _layer_jobs(corpus, captured, samples, pre_rotary, config, engine)
    last: LastBuild | None = None
    start: Start | None = None
    earlier: Sequence[EarlierMaps] | None = None
    made: dict[Method, Sequence[Piece[LayerMaps]]] = {}
    for method in dict.fromkeys(variant.method for variant in variants):
        sizes = [variant.dimensions for variant in variants if variant.method == method]
        starts = None if former is None else former[0].followed_by(method, former[1])
        if method == "attention" and starts is None:
            last = LastBuild(corpus, captured.layers, samples, config, engine)
            start, earlier, made[method] = _attention_maps(corpus, jobs, sizes, last, engine)
        else:
            calls = _calls(corpus, jobs, method, sizes, starts)
            made[method] = _run(corpus, jobs, method, calls, list(map(_points_of, jobs)), engine)
    sums = None if start is None or earlier is None else start.measured(earlier, jobs, engine)
    measured = _measured(corpus, jobs, made, sums, engine)
    if last is not None:
        last.leave(start, jobs, made["attention"], measured)
    stored = [
        StoredShards(piece.folder, piece.value.shards)
        for pieces in made.values()
        for piece in pieces
    ]
    rows = _overview_rows(captured, made, first_map(variants))
    written = engine.run(write_model_overview.of(corpus.name, rows))
    stored.append(StoredShards(written.folder, written.value))
    layers = [
        LayerFigures(piece.value.maps, piece.value.spaces, _limits(job))
        for piece, job in zip(measured, jobs, strict=True)
    ]
    kept = {method: [piece.folder for piece in pieces] for method, pieces in made.items()}
    return ModelMaps(variants, layers, stored, None if start is None else start.figures, kept, jobs)


def _layer_jobs(
    corpus: ModelCorpus,
    captured: Capture,
    samples: Mapping[str, Array],
    pre_rotary: tuple[Path, ...],
    config: Config,
    engine: Engine,
) -> list[LayerJob]:
    """A job for each layer, with the signs of its principal axes."""
    points = {name: _points(axis, samples[name]) for name, axis in corpus.axes.items()}
    jobs = [
        LayerJob(
            captured=layer,
            queries=points[layer.layer.query_axis],
            keys=points[layer.layer.key_axis],
            space=config.maps.space,
            seed=config.seed,
            signs=np.ones((layer.layer.heads, AXES)),
            pre_rotary=pre_rotary if is_pre_rotary(pre_rotary, captured, layer.layer) else (),
        )
        for layer in captured_layers(captured)
    ]
    signs = engine.run(choose_signs.of(jobs)).value
    return [replace(job, signs=np.array(of_job)) for job, of_job in zip(jobs, signs, strict=True)]


def _points(axis: CorpusAxis, sample: Array) -> Points:
    """The tokens of an axis as points of a map: those of the sample, in its order."""
    place = np.full(int(axis.lengths.sum()), -1)
    place[sample] = np.arange(len(sample))
    start = np.concatenate([[0], np.cumsum(axis.lengths)])
    return Points(place, start, len(sample))


def _attention_maps(
    corpus: ModelCorpus,
    jobs: Sequence[LayerJob],
    sizes: Sequence[int],
    last: LastBuild,
    engine: Engine,
) -> tuple[Start | None, Sequence[EarlierMaps] | None, Sequence[Piece[LayerMaps]]]:
    """Each layer's attention maps, and what they started from: nothing, where maps from scratch are
    remembered."""
    calls = _calls(corpus, jobs, "attention", sizes)
    points, earlier = [_points_of(job) for job in jobs], None
    start = None if all(map(engine.holds, calls)) else last.start()
    if start is not None:
        earlier = [start.of_layer(job, engine) for job in jobs]
        calls = _calls(corpus, jobs, "attention", sizes, earlier)
        points = [max(side.sum() for side in each.new) for each in earlier]
    return start, earlier, _run(corpus, jobs, "attention", calls, points, engine)


def _points_of(job: LayerJob) -> int:
    return max(job.queries.count, job.keys.count)


def _calls(
    corpus: ModelCorpus,
    jobs: Sequence[LayerJob],
    method: Method,
    sizes: Sequence[int],
    starts: Sequence[EarlierMaps | FormerMaps] | None = None,
) -> list[Call[LayerMaps]]:
    """Each layer's maps by a method, from earlier ones or from scratch."""
    device, series = corpus.about.device, corpus.spec.step is not None
    calls = []
    for job, start in zip(jobs, starts or repeat(None, len(jobs)), strict=True):
        if method == "attention":
            call = write_layer_attention_maps.of(job, sizes, device, corpus.name, start, series)
        else:
            former = start if isinstance(start, FormerMaps) else None
            call = write_layer_maps.of(job, method, sizes, corpus.name, former, series)
        calls.append(call)
    return calls


def _device(corpus: ModelCorpus, method: Method) -> str:
    return corpus.about.device if method == "attention" else "cpu"


def _run(
    corpus: ModelCorpus,
    jobs: Sequence[LayerJob],
    method: Method,
    calls: Sequence[Call[LayerMaps]],
    points: Sequence[int],
    engine: Engine,
) -> list[Piece[LayerMaps]]:
    """The maps of each layer, in which so many points are to be placed."""
    heads = [job.captured.layer.heads for job in jobs]
    seconds = [SECONDS[method] * h * n for h, n in zip(heads, points, strict=True)]
    # A GPU takes one layer after another, from this process.
    run = engine.fan_out if _device(corpus, method) == "cpu" else engine.each
    return list(run(f"{TITLES[method]} {corpus.name}", calls, seconds))


def _measured(
    corpus: ModelCorpus,
    jobs: Sequence[LayerJob],
    made: Mapping[Method, Sequence[Piece[LayerMaps]]],
    sums: Sequence[EarlierSums] | None,
    engine: Engine,
) -> list[Piece[LayerMeasures]]:
    """How true each layer's maps and full spaces are; `sums` are what is known of attention maps
    that stand."""
    calls, seconds = [], []
    for number, of_layer in enumerate(sums or repeat(None, len(jobs))):
        job, maps = jobs[number], []
        for method, pieces in made.items():
            folder, value = pieces[number].folder, pieces[number].value
            maps.append(MadeMaps(method, folder, value.figures, value.shards))
        calls.append(measure_layer_maps.of(job, maps, of_layer))
        kinds = 1 + sum(len(each.figures) for each in maps)
        seconds.append(MEASURING_SECONDS * kinds * job.captured.layer.heads * _points_of(job))
    return list(engine.fan_out(f"measure maps of {corpus.name}", calls, seconds))


def _overview_rows(
    captured: Capture, made: Mapping[Method, Sequence[Piece[LayerMaps]]], first: str
) -> list[OverviewRow]:
    """Each head's row of the overview, of the map that is shown first."""
    rows = []
    for number, layer in enumerate(captured.layers):
        maps = [pieces[number].value.overview for pieces in made.values()]
        of_layer = next((each[first] for each in maps if first in each), None)
        rows += of_layer or empty_rows(layer.numbers, layer.stack, layer.layer)
    return rows


def _limits(job: LayerJob) -> tuple[str, ...]:
    layer = job.captured.layer
    return geometry.limits(
        bias=layer.bias is not None,
        softcap=job.captured.rule.softcap is not None,
        sink=layer.sinks is not None,
        pre_rotary=bool(job.pre_rotary),
    )
