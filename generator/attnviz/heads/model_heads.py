"""What is known of every head: statistics layer by layer, probes, labels, and places among the
heads."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from attnviz.capture.batches import Batch
from attnviz.capture.captured_layer import only
from attnviz.capture.model_corpus import ModelCorpus, Probes
from attnviz.capture.out_of_memory import out_of_memory_in
from attnviz.capture.result import Capture, Layer
from attnviz.config import Config
from attnviz.documents import Document
from attnviz.effects.effects import ModelEffects
from attnviz.engine.engine import Engine
from attnviz.engine.step import Call
from attnviz.format.manifest import Layout
from attnviz.heads.awake import AWAKE
from attnviz.heads.bands import other_number, text_number
from attnviz.heads.batch_statistics import BatchAxis, measure_batch
from attnviz.heads.compared_rows import content_number, sample_rows
from attnviz.heads.comparison import BatchRows, Comparison, compare_batch, lay_out_heads
from attnviz.heads.copied_tokens import SavedModel, score_copying
from attnviz.heads.effects import effect_statistics
from attnviz.heads.facts import LayerFacts
from attnviz.heads.labels import awake_evidence, label_heads
from attnviz.heads.layer_statistics import (
    ByHead,
    LayerStatistics,
    MeasuredBatch,
    put_together,
)
from attnviz.heads.pairs import Types, frequent_types, types_in
from attnviz.heads.probing import score_repetition
from attnviz.heads.repeated_text import probe_texts
from attnviz.heads.resting_stacks import resting_kinds
from attnviz.modalities.model_input import ModelInput


@dataclass(frozen=True)
class ModelHeads:
    """What is known of each layer's heads, and the layouts that they have their places in."""

    layers: Sequence[LayerFacts]
    layouts: Sequence[Layout]

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


@dataclass(frozen=True)
class _Place:
    """A layer's heads among all: their places, and those most alike, by id, with distances and
    their standard errors."""

    positions: list[tuple[float, float]]
    alike: list[list[tuple[str, float, float | None]]]


def measure_heads(
    corpus: ModelCorpus, captured: Capture, config: Config, engine: Engine
) -> ModelHeads:
    """What is known of every layer's heads. The corpus's seed draws the texts that probes are made
    with, and the rows that heads are compared in."""
    seed = config.seed
    probed, copied = measure_probes(corpus, captured, config, engine)
    statistics = _statistics(corpus, captured, seed, engine)
    places, layouts = _places(corpus, captured, seed, engine)
    parts = zip(statistics, probed, copied, places, strict=True)
    return ModelHeads([_facts(*of_layer) for of_layer in parts], layouts)


def _facts(
    statistics: LayerStatistics, probed: ByHead, copied: ByHead, place: _Place
) -> LayerFacts:
    """All of one layer, put together head by head."""
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
        positions=place.positions,
        alike=place.alike,
    )


def _statistics(
    corpus: ModelCorpus, captured: Capture, seed: int, engine: Engine
) -> list[LayerStatistics]:
    """What every layer's heads do: batch by batch, then put together in the order of the plan,
    which follows from the corpus alone."""
    types = {name: frequent_types(axis.documents) for name, axis in corpus.axes.items()}
    calls = [
        measure_batch.of(
            alone,
            _batch_axes(corpus, batch.batch, types),
            corpus.about.separator,
            tuple(map(_content, corpus.members(batch.batch))),
            seed,
        )
        for alone, batch in zip(captured.alone, captured.batches, strict=True)
    ]
    sizes = [float(batch.batch.tokens) for batch in captured.batches]
    pieces = engine.each(f"statistics {corpus.name}", calls, sizes)
    measured = [
        MeasuredBatch(piece.folder, batch.batch.documents)
        for piece, batch in zip(pieces, captured.batches, strict=True)
    ]
    return [
        engine.run(
            put_together.of(
                layer, number, measured, (types[layer.query_axis], types[layer.key_axis]), seed
            )
        ).value
        for number, layer in enumerate(captured.layers)
    ]


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
    """The scores of texts said twice, and of copying, by layer and head; empty mappings if the
    model reads no single texts, or the corpus wants none. Of a model that is not here they are as
    they were captured."""
    seed = config.seed
    nothing: list[ByHead] = [[{} for _ in layer.numbers] for layer in captured.layers]
    if corpus.running is None:
        return corpus.probes or Probes(nothing, nothing)
    if not config.probes or not corpus.family.reads_one_text:
        return Probes(nothing, nothing)
    texts = probe_texts(corpus.loaded, seed)
    if not texts:
        return Probes(nothing, nothing)
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
        return Probes(engine.run(probed).value, engine.run(copied).value or nothing)


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
