"""The whole manifest, put together from what was made of the corpus and of every model."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

import torch

from attnviz._version import __version__
from attnviz.config import Config
from attnviz.documents.document import Corpus, Notice
from attnviz.engine.engine import Piece
from attnviz.engine.versions import reported_versions
from attnviz.format import manifest as schema
from attnviz.writer.corpus_shards import DocumentShards
from attnviz.writer.model_report import ModelReport, report_shards
from attnviz.writer.results import StoredShards

CARRIED: Final = 16_384
"""Bytes up to which the manifest carries a file of lengths: some 4,000 documents."""


def report_manifest(
    config: Config,
    corpus: Corpus,
    groups: Sequence[Mapping[str, int]],
    documents: Piece[DocumentShards],
    models: Sequence[ModelReport],
    notices: Sequence[Notice],
    viewer: schema.Viewer,
) -> schema.Manifest:
    """The manifest of a report; `groups` are the documents' groups."""
    shards = report_shards(documents, models)
    all_notices = [*notices, *documents.value.notices]
    all_notices += [notice for model in models for notice in model.notices]
    return schema.Manifest(
        title=config.title,
        site=schema.Site(**config.site.model_dump()),
        viewer=viewer,
        provenance=_provenance(config, corpus, [model.device for model in models]),
        fidelity=schema.Fidelity(**config.fidelity.model_dump()),
        notices=[_notice(notice) for notice in all_notices],
        documents=schema.DocumentsEntry(
            count=len(corpus.documents),
            groups=[schema.Group(**group) for group in groups],
            shards=documents.value.documents,
            images=documents.value.images,
            sounds=documents.value.sounds,
            scores=documents.value.scores,
            labels=documents.value.labels,
        ),
        models=[model.entry for model in models],
        shards={
            name: _with_content(stored, shard)
            for stored in shards
            for name, shard in stored.entries.items()
        },
    )


def _notice(notice: Notice) -> schema.NoticeEntry:
    return schema.NoticeEntry(**asdict(notice) | {"figures": dict(notice.figures) or None})


def _with_content(stored: StoredShards, shard: schema.Shard) -> schema.Shard:
    """A shard's entry, with the file itself where that is small and nearly every view needs it."""
    if shard.kind != "lengths" or shard.bytes > CARRIED:
        return shard
    content = (stored.folder / shard.path).read_bytes()
    return shard.model_copy(update={"content": base64.b64encode(content).decode()})


def _provenance(config: Config, corpus: Corpus, devices: Sequence[str]) -> schema.Provenance:
    """Where everything in the report came from."""
    return schema.Provenance(
        generator=f"attnviz {__version__}",
        versions=reported_versions(),
        device=", ".join(dict.fromkeys(devices)),
        threads=torch.get_num_threads(),
        seed=config.seed,
        corpus=schema.CorpusFile(
            name=config.path.name if config.path else config.name, sha256=config.sha256
        ),
        sources=[schema.SourceEntry(**vars(source)) for source in corpus.sources],
    )
