"""What a build of a corpus will take: bytes, memory and time, before any of its documents is read
by a model.

Models run on attnviz's own short sample, which shows their layers and score rules; documents are
tokenised. Bytes follow from their lengths. Time and memory are by rates that were measured on the
quickstart (docs/decisions/build.md), times how fast this machine is at a small piece of the same
work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture, Layer
from attnviz.components.model_components import has_rotary
from attnviz.components.sizes import vectors_bytes
from attnviz.config import Config
from attnviz.documents import Document
from attnviz.documents.with_vectors import with_vectors
from attnviz.effects.measured_model import MeasuredModel
from attnviz.effects.model_effects import CHECKED
from attnviz.effects.passes import BLOCKS
from attnviz.effects.words import FORWARD_AND_BACK, passes_of
from attnviz.engine.surroundings import undisturbed
from attnviz.forecast.rates import Work, machine_speed, memory_bytes, stage_seconds
from attnviz.forecast.sizes import ENTRY, PAGE, VIEWER, cache_bytes, other_bytes
from attnviz.forecast.writing import writing_bytes
from attnviz.heads.needle_texts import needle_tokens
from attnviz.maps.sample import sample_axes
from attnviz.modalities.preparing import prepare
from attnviz.modalities.reading import read_corpus
from attnviz.modalities.registry import family_of
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import load_model
from attnviz.probe import Probe, probe_loaded
from attnviz.resolution.excerpts import choose_excerpts
from attnviz.resolution.long_texts import cut_long_texts
from attnviz.score import Array, Intervals, Mask, mask_intervals
from attnviz.writer.kept_documents import attention_bytes, keep_documents
from attnviz.writer.sizes import FOLDER, map_bytes


@dataclass(frozen=True)
class ModelForecast:
    """What a build takes for one model. Bytes are those of data, without twins; `seconds` are
    processor seconds, by stage."""

    model: str
    documents: int
    tokens: int
    heads: int
    kept: int
    attention: int
    maps: int
    other: int
    cache: int
    memory: int
    seconds: Mapping[str, float]


@dataclass(frozen=True)
class Forecast:
    """What a build of a corpus takes: bytes of data, of the whole report, and of the cache; the
    most memory at once; and processor seconds. `uncounted` is what it does not know, in words."""

    corpus: str
    models: Sequence[ModelForecast]
    data: int
    report: int
    cache: int
    memory: int
    seconds: float
    uncounted: Sequence[str]

    def to_dict(self) -> dict[str, Any]:
        """As plain values, for JSON."""
        return asdict(self)


def forecast(
    config: Config, note: Callable[[str], None] = lambda message: None
) -> tuple[list[Probe], Forecast | None]:
    """A probe of each model of a corpus, and what its build takes; None where a build refuses a
    model. `note` takes what is to be said while the hub is awaited. Raises InputError for what a
    build would refuse before it runs a model."""
    with undisturbed(config.seed):
        return _forecast(config, note)


def _forecast(config: Config, note: Callable[[str], None]) -> tuple[list[Probe], Forecast | None]:
    corpus = read_corpus(config.documents, config.label)
    speed = machine_speed()
    probes: list[Probe] = []
    models: list[ModelForecast] = []
    uncounted: list[str] = []
    for spec in config.models:
        loaded = load_model(spec, note)
        answer, captured = probe_loaded(loaded)
        probes.append(answer)
        if captured is None or not answer.complete:
            continue
        documents, lacking = _documents(corpus.documents, loaded, config)
        if lacking:
            uncounted.append(f"{loaded.name}: what it writes of {lacking:,} documents itself")
        if documents and config.writes is not None:
            uncounted.append(
                f"{loaded.name}: the time of two passes more over all documents, for what heads"
                " write"
            )
        if documents:
            models.append(_of_model(loaded, captured, documents, config, speed))
    if len(models) < len(config.models):
        return probes, None
    return probes, _together(config, models, uncounted)


def _documents(
    documents: Sequence[Document], loaded: LoadedModel, config: Config
) -> tuple[list[Document], int]:
    """The documents as they are cut for a model, and how many it would first have to write."""
    written = [document for document in documents if not document.lacks_completion]
    read = choose_excerpts(written, [loaded])
    if config.long == "window":
        read, _ = cut_long_texts(read, [loaded], config)
    return read, len(documents) - len(written)


def _of_model(
    loaded: LoadedModel,
    captured: Capture,
    documents: Sequence[Document],
    config: Config,
    speed: float,
) -> ModelForecast:
    family = family_of(loaded)
    inputs, _ = prepare(loaded, family, documents, refuse=False)
    spec = next(spec for spec in config.models if spec.name == loaded.name)
    model = ModelCorpus(loaded.about, loaded, family, inputs, spec, ())
    lengths = {name: axis.lengths for name, axis in model.axes.items()}
    ids = {name: axis.ids for name, axis in model.axes.items()}
    samples = sample_axes(ids, config.maps.points, config.seed)
    chosen = with_vectors(documents, config.vectors, config.label)
    layers = [layer for layer in captured.layers if layer.query_axis in lengths]
    sizes = np.array([list(_sizes(layer, captured, lengths, chosen)) for layer in layers])
    kept = keep_documents(documents, sizes, samples, lengths, chosen, config)
    points = {name: len(sample) for name, sample in samples.items()}
    turned = has_rotary(loaded.model)
    vectors = (
        0
        if config.components is None
        else sum(vectors_bytes(layer, lengths, kept.documents, turned) for layer in layers)
    )
    tokens = int(sum(of_axis.sum() for of_axis in lengths.values()))
    heads = sum(layer.heads for layer in layers)
    entries = sum(layer.heads * _entries(layer, lengths) for layer in layers)
    passes = _passes(captured, kept.taken, config)
    written = 0
    if config.writes is not None:
        predicts = MeasuredModel(loaded, tuple(sorted(model.axes)), spec).predicts_next
        pairs = config.writes.pairs
        written = writing_bytes(captured, layers, lengths, kept.documents, predicts, pairs)
    needle = 0
    if config.probe is not None and family.reads_one_text:
        needle = needle_tokens(loaded, config.probe.needle)
    work = Work(loaded.parameters, heads, tokens, max(points.values()), entries, passes, needle)
    return ModelForecast(
        model=loaded.name,
        documents=kept.taken,
        tokens=tokens,
        heads=heads,
        kept=len(kept.documents),
        attention=kept.bytes,
        maps=sum(map_bytes(layer, points, config) for layer in layers),
        other=other_bytes(layers, lengths, documents) + vectors + written,
        cache=cache_bytes(layers, lengths) + kept.bytes,
        memory=memory_bytes(loaded, work, config),
        seconds={name: took * speed for name, took in stage_seconds(work, config).items()},
    )


def _passes(captured: Capture, documents: int, config: Config) -> float:
    """Passes over all documents that the effects of heads take, where the model can be cut between
    its layers."""
    if config.effects is None or not documents:
        return 0.0
    measured = min(config.effects.documents, documents)
    one_by_one = passes_of(captured, BLOCKS)
    if not config.effects.estimate:
        return one_by_one * measured / documents
    return (FORWARD_AND_BACK * measured + one_by_one * min(CHECKED, measured)) / documents


def _sizes(
    layer: Layer, captured: Capture, lengths: Mapping[str, Array], vectors: frozenset[int]
) -> Iterator[int]:
    """The bytes of each document's attention in a layer."""
    rule = captured.rules[layer.rule].mask
    # A mask of no simpler form is known once documents are read: until then every key counts.
    mask = Mask("full") if rule.kind == "intervals" else rule

    @lru_cache(maxsize=4096)
    def of(queries: int, keys: int, with_vectors: bool) -> int:
        intervals: Intervals = mask_intervals(mask, queries, keys)
        return attention_bytes(layer, intervals, with_vectors)

    pairs = zip(lengths[layer.query_axis], lengths[layer.key_axis], strict=True)
    for document, (queries, keys) in enumerate(pairs):
        reads = queries > 0 and keys > 0
        yield of(int(queries), int(keys), document in vectors) if reads else 0


def _entries(layer: Layer, lengths: Mapping[str, Array]) -> int:
    """Pairs of query and key of all documents in one head."""
    queries, keys = lengths[layer.query_axis], lengths[layer.key_axis]
    return int((queries * keys).sum())


def _together(
    config: Config, models: Sequence[ModelForecast], uncounted: Sequence[str]
) -> Forecast:
    data = sum(model.attention + model.maps + model.other for model in models)
    heads = sum(model.heads for model in models)
    pages = heads * (PAGE + ENTRY) + VIEWER
    return Forecast(
        corpus=config.label,
        models=models,
        data=data,
        report=int(data * FOLDER[config.site.open]) + pages,
        cache=sum(model.cache for model in models) + data,
        memory=max(model.memory for model in models),
        seconds=sum(sum(model.seconds.values()) for model in models),
        uncounted=uncounted,
    )
