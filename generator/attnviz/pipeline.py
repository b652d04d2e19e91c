"""The order of the build, and nothing else: corpus → capture → statistics → maps → shards → certificates → report."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from attnviz import stages
from attnviz._version import __version__
from attnviz.cache import Cache
from attnviz.config import Config
from attnviz.documents import Corpus, group_documents, read_corpus, tokenise
from attnviz.maps import kinds_of
from attnviz.models import load_model
from attnviz.progress import Progress
from attnviz.report import schema
from attnviz.report.assemble import layer_heads, model_entry
from attnviz.report.reader import Report, open_report
from attnviz.report.writer import publish, refuse_foreign
from attnviz.score import Array
from attnviz.site import assets, render_pages, templates_folder


@dataclass(frozen=True)
class Built:
    """What a build made: the report and the bytes it takes on disk, twins and pages included."""

    report: Report
    bytes: int


def build(config: Config, out: Path, cache: Cache, progress: Progress) -> Built:
    """Build the report of a corpus into `out`. Resumes from the cache; the same inputs give the same bytes.

    Raises InputError for whatever the user has to mend; what stood in `out` before is then intact.
    """
    refuse_foreign(out)
    templates = templates_folder()
    viewer = assets(templates)
    stages.prepare(config.seed)
    corpus = read_corpus(config.documents, str(config.path or config.name))
    groups, member = group_documents(corpus.documents)
    common, document_shards = stages.corpus_shards(corpus, member, cache)
    models, shards, notices = [], [common], []
    for spec in config.models:
        entry, own, said = _model(spec.name, config, corpus, member, cache, progress)
        models.append(entry)
        shards += own
        notices += said
    manifest = schema.Manifest(
        title=config.title,
        site=schema.Site(url=config.site.url, theme=config.site.theme),
        viewer=schema.Viewer(script=viewer.script, style=viewer.style),
        provenance=stages.provenance(config, corpus, f"attnviz {__version__}"),
        fidelity=schema.Fidelity(**config.fidelity.model_dump()),
        notices=notices,
        documents=schema.Documents(
            count=len(corpus.documents), groups=[schema.Group(**group) for group in groups], shards=document_shards
        ),
        models=models,
        shards={name: entry for own in shards for name, entry in own.entries.items()},
    )
    files = [(own.folder, entry) for own in shards for entry in own.entries.values()]
    pages = render_pages(manifest.to_dict(), templates)
    total = publish(out, files, pages, viewer.files, manifest.to_bytes())
    return Built(open_report(out), total)


def _model(
    name: str, config: Config, corpus: Corpus, member: Array, cache: Cache, progress: Progress
) -> tuple[schema.Model, list[stages.Shards], list[schema.Notice]]:
    """One model, through all stages."""
    loaded = load_model(next(spec for spec in config.models if spec.name == name))
    refuse = config.strict or config.long == "refuse"
    tokens, notices = tokenise(loaded.tokenizer, corpus.documents, loaded.limit, refuse, name)
    for notice in notices:
        progress.note(notice.message)
    captured, checked, key = stages.run_capture(loaded, tokens, config, cache, progress)
    kinds = kinds_of(config.maps.methods, config.maps.dimensions)
    figures, sample, map_shards = stages.run_maps(loaded, tokens, captured, key, kinds, config, cache, progress)
    progress.note(stages.size_estimate(captured, sample))
    statistics = stages.run_statistics(loaded, tokens, captured, key, cache, progress)
    chosen, kept, keys = stages.run_attention(loaded, captured, member, key, config, cache, progress)
    certificates = stages.run_certificates(
        loaded, tokens, captured, chosen, kept, keys, member, config, cache, progress
    )
    axis, masks, axis_shards = stages.axis_shards(loaded, tokens, captured, sample, key, cache)
    heads = []
    for number, layer in enumerate(captured.layers):
        heads += layer_heads(layer, statistics[number], chosen[number], certificates[number], figures[number])
    entry = model_entry(loaded, captured, checked, axis, masks, kinds, heads)
    said = [schema.Notice(**asdict(notice)) for notice in notices]
    return entry, [axis_shards, *map_shards, *kept], said
