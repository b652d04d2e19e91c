"""The order of the build, and nothing else: corpus → capture → statistics → maps → shards →
certificates → report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from attnviz import stages
from attnviz._version import __version__
from attnviz.config import Config
from attnviz.documents import Corpus, Notice, group_documents
from attnviz.engine.cache import Cache
from attnviz.engine.progress import Progress
from attnviz.engine.surroundings import undisturbed
from attnviz.format import manifest as schema
from attnviz.maps import map_variants
from attnviz.modalities import family_of, prepare, read_corpus
from attnviz.models import LoadedModel, load_weights, look_at, release_memory
from attnviz.reader.report import Report, open_report
from attnviz.score import Array
from attnviz.site import assets, render_pages, templates_folder
from attnviz.writer.corpus import number_biases
from attnviz.writer.manifest import layer_heads, model_entry
from attnviz.writer.publication import publish, refuse_foreign


@dataclass(frozen=True)
class Built:
    """What a build made: the report and the bytes it takes on disk, twins and pages included."""

    report: Report
    bytes: int


def build(config: Config, out: Path, cache: Cache, progress: Progress) -> Built:
    """Build the report of a corpus into `out`. Resumes from the cache; the same inputs give the
    same bytes.

    Raises InputError for whatever the user has to mend; what stood in `out` before is then intact.
    """
    with undisturbed(config.seed):
        return _build(config, out, cache, progress)


def _build(config: Config, out: Path, cache: Cache, progress: Progress) -> Built:
    refuse_foreign(out)
    templates = templates_folder()
    viewer = assets(templates)
    models = [look_at(spec) for spec in config.models]
    given = read_corpus(config.documents, config.label)
    corpus, notices = stages.resolve(given, models, config, cache, progress)
    groups, member = group_documents(corpus.documents)
    common, document_shards = stages.corpus_shards(corpus, member, cache)
    entries, shards, devices = [], [common], []
    for looked, spec in zip(models, config.models, strict=True):
        # One at a time is in memory, and gone before the next.
        entry, own, said, device = _model(
            load_weights(looked, spec), config, corpus, member, cache, progress
        )
        release_memory()
        entries.append(entry)
        shards += own
        notices += said
        devices.append(device)
    manifest = schema.Manifest(
        title=config.title,
        site=schema.Site(url=config.site.url, theme=config.site.theme),
        viewer=schema.Viewer(script=viewer.script, style=viewer.style),
        provenance=stages.provenance(config, corpus, devices, f"attnviz {__version__}"),
        fidelity=schema.Fidelity(**config.fidelity.model_dump()),
        notices=[schema.Notice(**asdict(notice)) for notice in notices],
        documents=schema.Documents(
            count=len(corpus.documents),
            groups=[schema.Group(**group) for group in groups],
            **document_shards,
        ),
        models=entries,
        shards={name: entry for own in shards for name, entry in own.entries.items()},
    )
    files = [(own.folder, entry) for own in shards for entry in own.entries.values()]
    pages = render_pages(manifest.to_dict(), templates)
    total = publish(out, files, pages, viewer.files, manifest.to_bytes())
    return Built(open_report(out), total)


def _model(
    loaded: LoadedModel,
    config: Config,
    corpus: Corpus,
    member: Array,
    cache: Cache,
    progress: Progress,
) -> tuple[schema.Model, list[stages.Shards], list[Notice], str]:
    """One model, through all stages; also the kind of device it ran on."""
    family = family_of(loaded)
    prepared, notices = prepare(
        loaded, family, corpus.documents, config.strict, config.long == "refuse"
    )
    for notice in notices:
        progress.note(notice.message)
    work = stages.Work(loaded, family, prepared, member, config, cache, progress)
    captured, checked, key = stages.run_capture(work)
    progress.note(stages.size_estimate(work, captured))
    kinds = map_variants(
        config.maps.methods, config.maps.dimensions, config.maps.rotary == "before"
    )
    figures, map_shards = stages.run_maps(work, captured, key, kinds)
    statistics, layouts = stages.run_statistics(work, captured, key)
    chosen, kept, keys = stages.run_attention(work, captured, key)
    certificates = stages.run_certificates(work, captured, chosen, kept, keys)
    axes, masks, biases, axis_shards = stages.model_shards(work, captured, key)
    heads = []
    numbers = number_biases([(layer.bias, layer.numbers) for layer in captured.layers])
    for layer, *parts in zip(
        captured.layers, numbers, statistics, chosen, certificates, figures, strict=True
    ):
        heads += layer_heads(layer, *parts)
    entry = model_entry(loaded, captured, checked, axes, masks, biases, kinds, heads, layouts)
    return entry, [axis_shards, *map_shards, *kept], notices, loaded.device.type
