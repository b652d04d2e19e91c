"""The order of the build, and nothing else: corpus → capture → maps → heads → attention →
certificates → report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from attnviz.capture.corpus import CapturedModel, capture_corpus, name_absences
from attnviz.capture.model_corpus import ModelCorpus, prepare_corpus
from attnviz.capture.result import Capture
from attnviz.capture.selfcheck import SelfCheckResult
from attnviz.config import Config
from attnviz.documents import Corpus, Groups, Notice, group_documents
from attnviz.documents.with_vectors import with_vectors
from attnviz.engine.engine import Engine
from attnviz.engine.memory import refuse_nested
from attnviz.engine.surroundings import undisturbed
from attnviz.exporters.captures import prepare_folder, refuse_unkept, write_capture
from attnviz.format.manifest import Viewer
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
from attnviz.modalities import read_corpus
from attnviz.models import LoadedModel, load_weights, look_at, release_memory
from attnviz.reader.head_pictures import head_pictures
from attnviz.reader.report import Report, open_report
from attnviz.reader.store import ShardStore
from attnviz.reader.story import checked_page, read_story
from attnviz.resolution.predictions import with_predictions
from attnviz.resolution.resolve import resolve
from attnviz.site import assets, render_pages, templates_folder
from attnviz.site.previews import previews
from attnviz.site.programs import program_files
from attnviz.writer.claim import claimed
from attnviz.writer.corpus_shards import write_documents, write_tokens
from attnviz.writer.model_attention import certify_layers, encode_layers, size_estimate
from attnviz.writer.model_maps import make_model_maps
from attnviz.writer.model_report import ModelReport, model_report, report_files, say_samples
from attnviz.writer.model_values import store_values
from attnviz.writer.publication import publish
from attnviz.writer.report_manifest import report_manifest
from attnviz.writer.sealing import seal


@dataclass(frozen=True)
class Built:
    """What a build made: the report and the bytes it takes on disk, twins and pages included."""

    report: Report
    bytes: int


def build(config: Config, out: Path, engine: Engine, running: LoadedModel | None = None) -> Built:
    """Build the report of a corpus into `out`. Resumes from what the engine remembers; the same
    inputs give the same bytes. `running` is its model, where that is not to be loaded.

    Raises InputError for whatever the user has to mend; what stood in `out` before is then intact.
    """
    with _at_work(config, out, engine):
        read = read_with_models(config, engine, running)
        return _write(read, config, out, engine)


def build_given(model: GivenModel, config: Config, out: Path, engine: Engine) -> Built:
    """Build the report of attention that was given. Raises InputError as `build` does."""
    with _at_work(config, out, engine):
        corpus = corpus_of(model)
        read = Read(corpus, [], (capture_given(model, config, engine) for _ in range(1)))
        return _write(read, config, out, engine)


def build_capture(folder: Path, config: Config, out: Path, engine: Engine) -> Built:
    """Build the report of a capture, whose models are not here. Raises InputError as `build`
    does."""
    content = read_capture(folder)
    prove_files(folder, content)
    with _at_work(config, out, engine):
        models = models_of_capture(folder, content, config, engine)
        read = Read(corpus_of_capture(folder, content), notices_of_capture(folder, content), models)
        return _write(read, config, out, engine)


def extract_capture(config: Config, out: Path, engine: Engine) -> int:
    """Run the models of a corpus and write all that a report needs of them into the folder `out`;
    returns its bytes. Raises InputError as `build` does."""
    with engine.at_work(), undisturbed(config.seed):
        read = read_with_models(config, engine)
        refuse_unkept(read.corpus, config)
        models = (
            (each, measure_probes(each.model, each.captured, config, engine))
            for each in read.models
        )
        prepare_folder(out)
        return write_capture(out, read.corpus, read.notices, models, config)


@contextmanager
def _at_work(config: Config, out: Path, engine: Engine) -> Iterator[None]:
    """While this lasts, `out` and the cache are this build's, and random numbers the corpus's."""
    refuse_nested(out, "--out")
    with claimed(out, engine.note), engine.at_work(), undisturbed(config.seed):
        yield


@dataclass(frozen=True)
class Read:
    """A corpus, what is to be said of it, and what was captured of each model, one after another:
    each is let go of before the next is loaded."""

    corpus: Corpus
    notices: Sequence[Notice]
    models: Iterable[CapturedModel]


def read_with_models(config: Config, engine: Engine, running: LoadedModel | None = None) -> Read:
    """The corpus read by its models, or by the one that runs already."""
    skeletons = [running or look_at(spec, engine.note) for spec in config.models]
    entries = read_corpus(config.documents, config.label)
    corpus, notices = resolve(entries, skeletons, config, engine)
    corpus = with_predictions(corpus, skeletons, config, engine)
    return Read(corpus, notices, _capture_each(skeletons, corpus, config, engine))


def _capture_each(
    skeletons: Sequence[LoadedModel], corpus: Corpus, config: Config, engine: Engine
) -> Iterator[CapturedModel]:
    """Every model with what is captured of it."""
    for skeleton, spec in zip(skeletons, config.models, strict=True):
        loaded = skeleton if skeleton.with_heads is not None else load_weights(skeleton, spec)
        model = prepare_corpus(loaded, corpus, config, engine)
        del loaded
        captured, checked = capture_corpus(model, config, engine)
        model = name_absences(model, captured, config, engine)
        yield CapturedModel(model, captured, checked)
        del model
        release_memory()  # one model at a time


def _write(read: Read, config: Config, out: Path, engine: Engine) -> Built:
    """The report of what was read."""
    story = read_story(config.story)
    viewer = assets(templates_folder())
    corpus = read.corpus
    kept = with_vectors(corpus.documents, config.vectors, config.label)
    groups = group_documents(corpus.documents, kept)
    documents = engine.run(write_documents.of(corpus.documents, groups.member, config.sounds))
    models = [_model(*captured, groups, config, engine) for captured in read.models]
    paths = Viewer(script=viewer.script, style=viewer.style)
    manifest = report_manifest(config, corpus, groups.facts, documents, models, read.notices, paths)
    shards = report_files(documents, models)
    store = ShardStore(out, manifest, {shard.path: folder for folder, shard in shards})
    pictures = head_pictures(store)
    page = checked_page(story, store)
    pages = render_pages(manifest.to_dict(), templates_folder(), pictures, page)
    around = {**program_files(manifest, story), **previews(manifest, pictures)}
    files = seal(manifest, {**pages, **around, **viewer.files})
    size = publish(out, shards, files, manifest.site)
    return Built(open_report(out), size)


def _model(
    model: ModelCorpus,
    captured: Capture,
    checked: SelfCheckResult,
    groups: Groups,
    config: Config,
    engine: Engine,
) -> ModelReport:
    """One model through all steps that follow capture."""
    lengths = {name: axis.lengths for name, axis in model.axes.items()}
    samples = sample_axes(lengths, config.maps.points, config.seed)
    engine.note(size_estimate(captured, samples, config.site.open))
    maps = make_model_maps(model, captured, samples, config, engine)
    heads = measure_heads(model, captured, config, engine)
    attention = encode_layers(model, captured, groups, config, engine)
    certificates = certify_layers(model, captured, attention, config, engine)
    values = store_values(model, captured, engine)
    tokens = engine.run(write_tokens.of(model.name, captured, list(model.axes.values()), samples))
    report = model_report(
        model, captured, checked, maps, heads, attention, certificates, values, tokens
    )
    say_samples(report, engine)
    return report
