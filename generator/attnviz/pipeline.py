"""The order of the steps that need models, and nothing else: corpus → capture → maps → heads →
attention → certificates → what a report says. `building` makes the report of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import attnviz.models.arriving  # noqa: F401 (says how models travel to workers)
from attnviz.capture.corpus import CapturedModel, capture_corpus, name_absences
from attnviz.capture.model_corpus import prepare_corpus
from attnviz.components.model_components import measure_components
from attnviz.config import Config
from attnviz.documents import Corpus, Document, Groups, Notice, group_documents
from attnviz.documents.with_vectors import with_vectors
from attnviz.effects.model_effects import measure_effects
from attnviz.engine.engine import Engine
from attnviz.engine.surroundings import undisturbed
from attnviz.exporters.captures import prepare_folder, refuse_unkept, write_capture
from attnviz.heads.model_heads import measure_heads, measure_probes
from attnviz.importers.captures import (
    corpus_of_capture,
    models_of_capture,
    notices_of_capture,
    prove_files,
    read_capture,
)
from attnviz.importers.corpus import capture_given, corpus_of
from attnviz.importers.given import GivenModel
from attnviz.maps.sample import sample_axes
from attnviz.modalities.reading import read_corpus
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import load_weights, look_at, release_memory
from attnviz.resolution.predictions import with_predictions
from attnviz.resolution.resolve import resolve
from attnviz.series.checkpoint import (
    Checkpoint,
    refuse_other_shape,
    refuse_other_sizes,
    refuse_series,
)
from attnviz.series.figures import StepFigures
from attnviz.series.model_series import measure_step
from attnviz.series.other_pass import pass_in_other_dtype
from attnviz.writer.content import Content
from attnviz.writer.corpus_shards import write_documents, write_tokens
from attnviz.writer.kept_documents import attention_sizes, keep_documents
from attnviz.writer.kept_shard import write_kept
from attnviz.writer.model_attention import certify_layers, encode_layers
from attnviz.writer.model_attribution import store_attribution
from attnviz.writer.model_components import components_by_head, store_components
from attnviz.writer.model_effects import store_effects
from attnviz.writer.model_examples import store_examples
from attnviz.writer.model_maps import Former, ModelMaps, make_model_maps
from attnviz.writer.model_report import ModelReport, model_report, say_samples
from attnviz.writer.model_values import store_values
from attnviz.writer.model_writes import store_writes
from attnviz.writer.report_content import report_content
from attnviz.writer.sizes import size_estimate
from attnviz.writes.model_attribution import measure_attribution
from attnviz.writes.model_writes import measure_writes


def content_of_corpus(
    config: Config, engine: Engine, running: LoadedModel | None = None
) -> Content:
    """What the report of a corpus says. Resumes from what the engine remembers. `running` is its
    model, where that is not to be loaded. Raises InputError for whatever the user has to mend."""
    with undisturbed(config.seed, engine.threads):
        return _content(read_with_models(config, engine, running), config, engine)


def content_of_given(model: GivenModel, config: Config, engine: Engine) -> Content:
    """What the report of attention that was given says. Raises InputError as `content_of_corpus`
    does."""
    with undisturbed(config.seed, engine.threads):
        corpus = corpus_of(model)
        read = Read(corpus, [], (capture_given(model, config, engine) for _ in range(1)))
        return _content(read, config, engine)


def content_of_capture(folder: Path, config: Config, engine: Engine) -> Content:
    """What the report of a capture, whose models are not here, says. Raises InputError as
    `content_of_corpus` does."""
    content = read_capture(folder)
    prove_files(folder, content)
    with undisturbed(config.seed, engine.threads):
        models = models_of_capture(folder, content, config, engine)
        read = Read(corpus_of_capture(folder, content), notices_of_capture(folder, content), models)
        return _content(read, config, engine)


def extract_capture(config: Config, out: Path, engine: Engine) -> int:
    """Run the models of a corpus and write all that a report needs of them into the folder `out`;
    returns its bytes. Raises InputError as `build` does."""
    refuse_series(config)
    with engine.at_work(), undisturbed(config.seed, engine.threads):
        read = read_with_models(config, engine)
        refuse_unkept(read.corpus, config)
        models = (
            (each, measure_probes(each.model, each.captured, config, engine))
            for each in read.models
        )
        prepare_folder(out)
        return write_capture(out, read.corpus, read.notices, models, config)


@dataclass(frozen=True)
class CorpusAbout:
    """The documents of a corpus, the numbers of those whose queries and keys it asks for, and their
    groups."""

    documents: Sequence[Document]
    vectors: frozenset[int]
    groups: Groups


@dataclass(frozen=True)
class Read:
    """A corpus, what is to be said of it, and what was captured of each model, one after another:
    each is let go of before the next is loaded."""

    corpus: Corpus
    notices: Sequence[Notice]
    models: Iterable[CapturedModel]


def read_with_models(config: Config, engine: Engine, running: LoadedModel | None = None) -> Read:
    """The corpus read by its models, or by the one that runs already."""
    skeletons = [running or look_at(spec, engine.progress.note) for spec in config.models]
    refuse_other_sizes(config, skeletons)
    entries = read_corpus(config.documents, config.label)
    corpus, notices = resolve(entries, skeletons, config, engine)
    corpus = with_predictions(corpus, skeletons, config, engine)
    return Read(corpus, notices, _capture_each(skeletons, corpus, config, engine))


def _capture_each(
    skeletons: Sequence[LoadedModel], corpus: Corpus, config: Config, engine: Engine
) -> Iterator[CapturedModel]:
    """Every model with what is captured of it."""
    for skeleton, spec in zip(skeletons, config.models, strict=True):
        other_pass = pass_in_other_dtype(skeleton, spec, corpus.documents, config, engine)
        if other_pass is not None:
            release_memory()
        loaded = skeleton if skeleton.with_heads is not None else load_weights(skeleton, spec)
        model = prepare_corpus(loaded, corpus, config, engine)
        del loaded
        captured, checked = capture_corpus(model, config, engine)
        model = name_absences(model, captured, config, engine)
        yield CapturedModel(model, captured, checked, other_pass)
        del model
        release_memory()  # one model at a time


def _content(read: Read, config: Config, engine: Engine) -> Content:
    """What the report of what was read says."""
    corpus = read.corpus
    vectors = with_vectors(corpus.documents, config.vectors, config.label)
    groups = group_documents(corpus.documents, vectors)
    documents = engine.run(write_documents.of(corpus.documents, groups.member, config.sounds))
    about = CorpusAbout(corpus.documents, vectors, groups)
    models: list[ModelReport] = []
    series: list[SeriesModel] = []
    for captured in read.models:
        report, made = _model(captured, series, about, config, engine)
        models.append(report)
        series += [] if made is None else [made]
        del captured  # before the next model is loaded
    return report_content(corpus, groups.facts, documents, models, read.notices, engine)


@dataclass(frozen=True)
class SeriesModel:
    """What later models of a series need of one: what was captured of it, and its maps."""

    checkpoint: Checkpoint
    maps: ModelMaps


def _model(
    of_model: CapturedModel,
    earlier: Sequence[SeriesModel],
    corpus: CorpusAbout,
    config: Config,
    engine: Engine,
) -> tuple[ModelReport, SeriesModel | None]:
    """One model through all steps that follow capture; `earlier` are those of its series before
    it."""
    model, captured, checked, _ = of_model
    checkpoint, step, former = _in_series(of_model, earlier, config, engine)
    lengths = {name: axis.lengths for name, axis in model.axes.items()}
    ids = {name: axis.ids for name, axis in model.axes.items()}
    samples = sample_axes(ids, config.maps.points, config.seed)
    sizes = attention_sizes(captured, len(corpus.documents), corpus.vectors)
    kept = keep_documents(corpus.documents, sizes, samples, lengths, corpus.vectors, config)
    engine.note(size_estimate(captured, kept, samples, config))
    maps = make_model_maps(model, captured, samples, config, engine, former)
    effects = measure_effects(model, captured, config, engine)
    heads = measure_heads(model, captured, corpus.documents, config, engine)
    heads = heads.with_effects(effects, corpus.documents).with_step(step)
    stored = None if kept.all else kept.documents
    attention = encode_layers(model, captured, corpus.groups, stored, config, engine)
    certificates = certify_layers(model, captured, attention, config, engine)
    values = store_values(model, captured, engine)
    stored_effects = store_effects(model, captured, effects, engine)
    examples = store_examples(model.name, captured, heads, engine)
    writes = measure_writes(model, captured, config, engine)
    stored_writes = store_writes(model, captured, writes, engine)
    attribution = measure_attribution(model, captured, kept.documents, config, engine)
    stored_attribution = store_attribution(model, captured, attribution, engine)
    components = measure_components(model, captured, config, engine)
    stored_components = store_components(model, captured, components, stored, engine)
    heads = heads.with_columns(components_by_head(components, stored_components, captured))
    tokens = engine.run(write_tokens.of(model.name, captured, list(model.axes.values()), samples))
    report = model_report(
        model, captured, checked, maps, heads, attention, certificates, values, tokens
    ).with_examples(examples)
    if not kept.all:
        report = report.keeping(engine.run(write_kept.of(model.name, sorted(kept.documents))), kept)
    if effects is not None:
        report = report.with_effects(effects, stored_effects)
    if writes is not None:
        report = report.with_writes(writes, stored_writes)
    if attribution is not None:
        report = report.with_attribution(attribution, stored_attribution)
    if components is not None:
        report = report.with_components(components, stored_components)
    if step is not None:
        report = report.with_step(step)
    say_samples(report, engine)
    return report, None if checkpoint is None else SeriesModel(checkpoint, maps)


def _in_series(
    of_model: CapturedModel, earlier: Sequence[SeriesModel], config: Config, engine: Engine
) -> tuple[Checkpoint | None, StepFigures | None, Former | None]:
    """Of a model of a series: itself as later ones see it, how far its heads moved from earlier
    ones, and what its maps start from."""
    model, captured, _, other_pass = of_model
    if model.spec.step is None or model.running is None:
        return None, None, None
    here = Checkpoint.of(model, captured)
    if not earlier:
        return here, measure_step(model.spec.step, here, (), other_pass, engine), None
    refuse_other_shape(config, earlier[-1].checkpoint, here)
    before = [each.checkpoint for each in earlier]
    step = measure_step(model.spec.step, here, before, other_pass, engine)
    former = None if step.former is None else (earlier[-1].maps, step.former[1])
    return here, step, former
