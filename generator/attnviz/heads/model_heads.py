"""What is known of every head: statistics layer by layer, probes, labels, and places among the
heads."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from attnviz.capture.batch_work import batch_seconds
from attnviz.capture.batches import Batch
from attnviz.capture.captured_layer import only
from attnviz.capture.model_corpus import ModelCorpus, Probes
from attnviz.capture.out_of_memory import out_of_memory_in
from attnviz.capture.result import Capture, Layer
from attnviz.config import Config
from attnviz.documents import Document, Notice
from attnviz.effects.effects import ModelEffects
from attnviz.engine.engine import Engine
from attnviz.engine.step import Call
from attnviz.format.manifest import CounterExample, LabelFigures, Layout, NeedleDepth
from attnviz.format.pair_tests import PairTest
from attnviz.heads.awake import AWAKE
from attnviz.heads.bands import other_number, text_number
from attnviz.heads.batch_statistics import BatchAxis, measure_batch
from attnviz.heads.compared_rows import content_number, sample_rows
from attnviz.heads.comparison import BatchRows, Comparison, compare_batch, lay_out_heads
from attnviz.heads.copied_tokens import SavedModel, score_copying
from attnviz.heads.declared_labels import DeclaredLabel, declared_labels
from attnviz.heads.effects import effect_statistics
from attnviz.heads.facts import LayerFacts
from attnviz.heads.label_figures import LabelFigure, means_of_others
from attnviz.heads.label_tests import FITS, THRESHOLD, document_columns
from attnviz.heads.labels import awake_evidence, label_heads, tested_labels
from attnviz.heads.layer_statistics import (
    ByHead,
    LayerStatistics,
    MeasuredBatch,
    put_together,
)
from attnviz.heads.needle import KIND, measure_needle
from attnviz.heads.pairs import Types, frequent_types, types_in
from attnviz.heads.probing import score_repetition
from attnviz.heads.repeated_text import probe_texts
from attnviz.heads.resting_stacks import resting_kinds
from attnviz.heads.series_columns import series_statistics
from attnviz.modalities.model_input import ModelInput
from attnviz.series.figures import StepFigures

_OF_TOKEN: Final = 1.8e-5
_OF_ENTRY: Final = 1e-7
"""Processor seconds that statistics take of a token, and of a query and a key, of a head."""


@dataclass(frozen=True)
class ModelHeads:
    """What is known of each layer's heads, the layouts that they have their places in, the labels
    that the corpus declares, and what is to be said of it."""

    layers: Sequence[LayerFacts]
    layouts: Sequence[Layout]
    declared: Sequence[DeclaredLabel]
    notices: Sequence[Notice] = ()

    def with_effects(
        self, effects: ModelEffects | None, documents: Sequence[Document]
    ) -> ModelHeads:
        """The same with what was measured of heads' effects on documents among the statistics."""
        if effects is None or not effects.values:
            return self
        columns = iter(effect_statistics(effects, documents))
        return replace(
            self,
            layers=[
                replace(layer, statistics=[{**each, **next(columns)} for each in layer.statistics])
                for layer in self.layers
            ],
        )

    def with_step(self, step: StepFigures | None) -> ModelHeads:
        """The same, of a model of a series, with how far its heads moved among the statistics."""
        return self.with_columns([] if step is None else series_statistics(step))

    def with_columns(self, columns: Sequence[ByHead]) -> ModelHeads:
        """The same with more columns among the statistics, by layer and head; nothing where no
        layer has any."""
        if not columns:
            return self
        pairs = zip(self.layers, columns, strict=True)
        return replace(
            self,
            layers=[
                replace(layer, statistics=_beside(layer.statistics, of_layer))
                for layer, of_layer in pairs
            ],
        )


def _beside(
    statistics: Sequence[Mapping[str, float | None]], more: ByHead
) -> list[Mapping[str, float | None]]:
    return [{**of_head, **columns} for of_head, columns in zip(statistics, more, strict=True)]


@dataclass(frozen=True)
class _Place:
    """A layer's heads among all: their places, and those most alike, by id, with distances and
    their standard errors."""

    positions: list[tuple[float, float]]
    alike: list[list[tuple[str, float, float | None]]]


def measure_heads(
    corpus: ModelCorpus,
    captured: Capture,
    documents: Sequence[Document],
    config: Config,
    engine: Engine,
) -> ModelHeads:
    """What is known of every layer's heads on the documents of the corpus. Its seed draws the texts
    that probes are made with, and the rows that heads are compared in."""
    seed = config.seed
    declared = declared_labels(config.head_labels)
    tests = tested_labels(declared)
    probes = measure_probes(corpus, captured, config, engine)
    probed = _with_needle(probes)
    statistics = _statistics(corpus, captured, documents, seed, tuple(tests.values()), engine)
    places, layouts = _places(corpus, captured, seed, engine)
    labels = _label_figures(statistics, list(tests))
    by_depth = probes.needle.depths if probes.needle else []
    needle = by_depth or [[[] for _ in layer.numbers] for layer in captured.layers]
    parts = zip(statistics, probed, probes.copying, places, labels, strict=True)
    names = [label.name for label in declared]
    sinks = {name for name in names if tests[name].sinks}
    facts = [
        _with_declared(_facts(*of_layer, list(tests), depths), names, sinks)
        for of_layer, depths in zip(parts, needle, strict=True)
    ]
    return ModelHeads(facts, layouts, declared, _needle_notices(corpus.name, probes))


def _with_needle(probes: Probes) -> list[ByHead]:
    """The scores of texts said twice with those of long texts, where there are any."""
    needle = probes.needle
    if needle is None or not needle.statistics:
        return probes.repetition
    return [
        [a | b for a, b in zip(*of_layer, strict=True)]
        for of_layer in zip(probes.repetition, needle.statistics, strict=True)
    ]


def _needle_notices(model: str, probes: Probes) -> list[Notice]:
    """What is to be said of the heads' copying from long texts."""
    messages = [] if probes.needle is None else probes.needle.notices
    return [Notice(KIND, message, None, model) for message in messages]


def _label_figures(
    statistics: Sequence[LayerStatistics], names: Sequence[str]
) -> list[list[list[LabelFigures]]]:
    """By layer and head what is measured of labels that are tests, whose names these are, beside
    the means of all other heads."""
    others = iter(means_of_others([head for layer in statistics for head in layer.label_figures]))
    return [
        [
            [_label_figure(each, names[each.label], *means[each.label]) for each in of_head]
            for of_head, means in zip(layer.label_figures, others, strict=False)
        ]
        for layer in statistics
    ]


def _label_figure(
    figure: LabelFigure, name: str, precision: float | None, recall: float | None
) -> LabelFigures:
    return LabelFigures(
        label=name,
        precision=figure.precision,
        recall=figure.recall,
        others_precision=precision,
        others_recall=recall,
        held_out_precision=figure.held_out_precision,
        held_out_recall=figure.held_out_recall,
    )


def _with_declared(facts: LayerFacts, names: Sequence[str], sinks: Collection[str]) -> LayerFacts:
    """The same with labels that the corpus declares, `names`, and counter-examples of those labels
    alone that a head has. A declared label is a statistic, and a label where that is at least one
    half. Those that count `sinks` are labels of all attention and lead beside the others; the
    others are of all attention where nothing rests."""
    scores = [
        {
            each.label: each.precision
            for each in of_head
            if each.label in names and each.precision is not None
        }
        for of_head in facts.label_figures
    ]
    statistics, labels, awake_labels = [], [], []
    for head, of_head in enumerate(scores):
        earned = [(n, score) for n, score in of_head.items() if score >= THRESHOLD]
        rests = facts.statistics[head].get("rest") is not None
        statistics.append({**facts.statistics[head], **{FITS + n: s for n, s in of_head.items()}})
        of_all = [each for each in earned if each[0] in sinks or not rests]
        labels.append(_strongest_first([*facts.labels[head], *of_all]))
        awake_labels.append(
            _strongest_first([*facts.awake_labels[head], *(earned if rests else ())])
        )
    facts = replace(facts, statistics=statistics, labels=labels, awake_labels=awake_labels)
    return replace(
        facts,
        counter_examples=[
            [each for each in of_head if each.label in facts.names(head)]
            for head, of_head in enumerate(facts.counter_examples)
        ],
    )


def _strongest_first(labels: list[tuple[str, float]]) -> list[tuple[str, float]]:
    return sorted(labels, key=lambda label: -label[1])


def _facts(
    statistics: LayerStatistics,
    probed: ByHead,
    copied: ByHead,
    place: _Place,
    labels: Sequence[Sequence[LabelFigures]],
    names: Sequence[str],
    needle: Sequence[Sequence[NeedleDepth]],
) -> LayerFacts:
    """All of one layer, put together head by head; `names` are those of labels that are tests."""
    if not any("rest" in of_head for of_head in statistics.values):
        # A corpus without anything to rest on: awake or not is the same.
        probed = [{n: v for n, v in each.items() if not n.startswith(AWAKE)} for each in probed]
    evidence = [a | b for a, b in zip(statistics.evidence, probed, strict=True)]
    values = zip(statistics.values, probed, copied, strict=True)
    return LayerFacts(
        statistics=[a | b | c for a, b, c in values],
        labels=label_heads(evidence),
        awake_labels=label_heads([awake_evidence(of_head) for of_head in evidence]),
        offsets=statistics.offsets,
        typical=statistics.typical,
        focus=statistics.focus,
        deciles=statistics.deciles,
        pairs=statistics.pairs,
        waking=statistics.waking,
        bands=statistics.bands,
        label_figures=labels,
        counter_examples=[
            [
                CounterExample(
                    label=names[label], document=document, query=query, key=key, attention=weight
                )
                for label, document, query, key, weight in of_head
            ]
            for of_head in statistics.counter_examples
        ],
        needle=needle,
        positions=place.positions,
        alike=place.alike,
    )


def _statistics(
    corpus: ModelCorpus,
    captured: Capture,
    documents: Sequence[Document],
    seed: int,
    tests: tuple[PairTest, ...],
    engine: Engine,
) -> list[LayerStatistics]:
    """What every layer's heads do: batch by batch, then put together in the order of the plan,
    which follows from the corpus alone."""
    types = {name: frequent_types(axis.documents) for name, axis in corpus.axes.items()}
    columns = document_columns(tests)
    calls = [
        measure_batch.of(
            alone,
            _batch_axes(corpus, batch.batch, types),
            corpus.about.separator,
            tuple(map(_content, corpus.members(batch.batch))),
            seed,
            tests,
            tuple(_labels_in(documents[number], columns) for number in batch.batch.documents),
        )
        for alone, batch in zip(captured.alone, captured.batches, strict=True)
    ]
    seconds = batch_seconds(captured, _OF_TOKEN, _OF_ENTRY)
    pieces = engine.fan_out(f"statistics {corpus.name}", calls, seconds)
    measured = [
        MeasuredBatch(piece.folder, batch.batch.documents)
        for piece, batch in zip(pieces, captured.batches, strict=True)
    ]
    return [
        engine.run(
            put_together.of(
                layer,
                number,
                measured,
                (types[layer.query_axis], types[layer.key_axis]),
                seed,
                tests,
            )
        ).value
        for number, layer in enumerate(captured.layers)
    ]


def _labels_in(document: Document, columns: Collection[str]) -> dict[str, str]:
    """A document's labels in these columns: of others no figure follows."""
    return {name: label for name, label in document.labels.items() if name in columns}


def _content(document: ModelInput) -> int:
    """A number that follows from what a model reads of a document, wherever it stands."""
    axes = [tokens for _, tokens in sorted(document.axes.items())]
    number = text_number(axes)
    return other_number(axes, document.digest) if number is None else number


def _batch_axes(
    corpus: ModelCorpus, batch: Batch, types: Mapping[str, Types]
) -> dict[str, BatchAxis]:
    """The axes of a batch's documents."""
    members = corpus.members(batch)
    axes = {}
    for name in batch.axes:
        tokens = tuple(member.axes[name] for member in members)
        of_input = corpus.family.axes[name].grid_is_of_input
        axes[name] = BatchAxis(tokens, types_in(tokens, types[name]), of_input)
    return axes


def measure_probes(
    corpus: ModelCorpus, captured: Capture, config: Config, engine: Engine
) -> Probes:
    """The scores of texts said twice, of copying, and of copying from long texts, by layer and
    head; empty mappings if the model reads no single texts, or the corpus wants none. Of a model
    that is not here they are as they were captured."""
    seed = config.seed
    nothing: list[ByHead] = [[{} for _ in layer.numbers] for layer in captured.layers]
    if corpus.running is None:
        return corpus.probes or Probes(nothing, nothing)
    needle = measure_needle(corpus, captured, config, engine)
    if not config.probes or not corpus.family.reads_one_text:
        return Probes(nothing, nothing, needle)
    texts = probe_texts(corpus.loaded, seed)
    if not texts:
        return Probes(nothing, nothing, needle)
    controls = probe_texts(corpus.loaded, seed, repeated=False)
    probed = score_repetition.of(
        corpus.loaded,
        corpus.family,
        texts,
        controls,
        layers=corpus.spec.layers,
        heads=corpus.spec.heads,
        resting=resting_kinds(captured, corpus.about.separator),
        separator=corpus.about.separator,
    )
    model = SavedModel(corpus.loaded, corpus.spec)
    copied = score_copying.of(model, corpus.family, texts, captured.layers)
    work = f"its pass over {len(texts) + len(controls)} short texts said twice"
    with out_of_memory_in(corpus.name, work, "set probes: false, or dtype: bfloat16"):
        return Probes(engine.run(probed).value, engine.run(copied).value or nothing, needle)


def _places(
    corpus: ModelCorpus, captured: Capture, seed: int, engine: Engine
) -> tuple[list[_Place], list[Layout]]:
    """The places of every layer's heads, and what is to be said of each layout: one for layers on
    the same axes."""
    groups: dict[tuple[str, str], list[int]] = {}
    for number, layer in enumerate(captured.layers):
        groups.setdefault((layer.query_axis, layer.key_axis), []).append(number)
    calls = []
    for axes, numbers in groups.items():
        layers = [captured.layers[number] for number in numbers]
        calls.append(_compared(corpus, only(captured, layers), axes, seed, engine))
    pieces = [(engine.run(call), documents) for call, documents in calls]
    places: dict[int, _Place] = {}
    layouts = []
    for (piece, documents), numbers in zip(pieces, groups.values(), strict=True):
        layers = [captured.layers[number] for number in numbers]
        places |= dict(zip(numbers, _split(piece.value, captured, layers), strict=True))
        layouts.append(
            Layout(
                stacks=list(dict.fromkeys(layer.stack for layer in layers)),
                documents=documents,
                rows=piece.value.rows,
                sampled=piece.value.sampled,
                stress=piece.value.figures.stress,
                stress_standard_error=piece.value.errors.stress,
                rank=piece.value.figures.rank,
                rank_standard_error=piece.value.errors.rank,
            )
        )
    return [places[number] for number in range(len(captured.layers))], layouts


def _compared(
    corpus: ModelCorpus, captured: Capture, axes: tuple[str, str], seed: int, engine: Engine
) -> tuple[Call[Comparison], int]:
    """The step that lays out the heads of layers on the same axes, of queries and of keys, which
    are compared batch by batch; and in how many documents they are."""
    queries, keys = (corpus.axes[name] for name in axes)
    contents = [content_number(tokens, n) for n, tokens in enumerate(queries.documents)]
    heads = sum(layer.heads for layer in captured.layers)
    sample = sample_rows(queries.lengths, keys.lengths, contents, heads=heads, seed=seed)
    calls, sizes = [], []
    for alone, batch in zip(captured.alone, captured.batches, strict=True):
        numbers = {place: n for place, n in enumerate(batch.batch.documents) if n in sample.rows}
        rows = {place: sample.rows[n] for place, n in numbers.items()}
        if rows:
            drawn = BatchRows(rows, {place: contents[n] for place, n in numbers.items()})
            calls.append(compare_batch.of(alone, drawn))
            sizes.append(float(sum(map(len, rows.values()))))
    pieces = engine.each(f"compare {corpus.name}", calls, sizes)
    call = lay_out_heads.of(heads, [piece.folder for piece in pieces], sample.share)
    return call, len(sample.rows)


def _split(comparison: Comparison, captured: Capture, layers: Sequence[Layer]) -> list[_Place]:
    """A comparison layer by layer, with heads by their ids."""
    several = len({layer.stack for layer in captured.layers}) > 1
    names = [
        f"{layer.stack}.L{layer.layer}H{number}" if several else f"L{layer.layer}H{number}"
        for layer in layers
        for number in layer.numbers
    ]
    places, first = [], 0
    for layer in layers:
        heads = slice(first, first + layer.heads)
        alike = [
            [(names[other], distance, error) for other, distance, error in others]
            for others in comparison.alike[heads]
        ]
        places.append(_Place(comparison.places[heads], alike))
        first += layer.heads
    return places
