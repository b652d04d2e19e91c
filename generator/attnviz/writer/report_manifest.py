"""The manifest of a report: its content, and how it is shown."""

from __future__ import annotations

from attnviz._version import __version__
from attnviz.config import Config
from attnviz.engine.versions import reported_versions
from attnviz.format import manifest as schema
from attnviz.writer.content import Content


def report_manifest(content: Content, config: Config, viewer: schema.Viewer) -> schema.Manifest:
    """The manifest of a report of a corpus's content; `files` are still open."""
    return schema.Manifest(
        title=config.title,
        site=schema.Site(**config.site.model_dump()),
        viewer=viewer,
        provenance=_provenance(content, config),
        fidelity=schema.Fidelity(**config.fidelity.model_dump()),
        notices=list(content.notices),
        documents=content.documents,
        models=list(content.models),
        shards=dict(content.shards),
    )


def _provenance(content: Content, config: Config) -> schema.Provenance:
    """Where everything in the report came from."""
    return schema.Provenance(
        generator=f"attnviz {__version__}",
        versions=reported_versions(),
        device=content.device,
        threads=content.threads,
        seed=config.seed,
        corpus=schema.CorpusFile(
            name=config.path.name if config.path else config.name, sha256=config.sha256
        ),
        sources=list(content.sources),
    )
