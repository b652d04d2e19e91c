"""The content of a report, put together from what was made of the corpus and of every model."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

import torch

from attnviz.documents.document import Corpus, Notice
from attnviz.engine.engine import Engine, Piece
from attnviz.format import manifest as schema
from attnviz.writer.content import Content
from attnviz.writer.corpus_shards import DocumentShards
from attnviz.writer.model_report import ModelReport, report_shards
from attnviz.writer.results import StoredShards

CARRIED: Final = 16_384
"""Bytes up to which the manifest carries a file of lengths: some 4,000 documents."""


def report_content(
    corpus: Corpus,
    groups: Sequence[Mapping[str, int]],
    documents: Piece[DocumentShards],
    models: Sequence[ModelReport],
    notices: Sequence[Notice],
    engine: Engine,
) -> Content:
    """The content of a report; `groups` are the documents' groups."""
    shards = report_shards(documents, models)
    all_notices = [*notices, *documents.value.notices]
    all_notices += [notice for model in models for notice in model.notices]
    return Content(
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
        notices=[_notice(notice) for notice in all_notices],
        sources=[schema.SourceEntry(**vars(source)) for source in corpus.sources],
        device=", ".join(dict.fromkeys(model.device for model in models)),
        threads=torch.get_num_threads(),
        pieces={
            shard.path: engine.name_of(stored.folder)
            for stored in shards
            for shard in stored.entries.values()
        },
        notes=tuple(engine.notes),
    )


def _notice(notice: Notice) -> schema.NoticeEntry:
    return schema.NoticeEntry(**asdict(notice) | {"figures": dict(notice.figures) or None})


def _with_content(stored: StoredShards, shard: schema.Shard) -> schema.Shard:
    """A shard's entry, with the file itself where that is small and nearly every view needs it."""
    if shard.kind != "lengths" or shard.bytes > CARRIED:
        return shard
    content = (stored.folder / shard.path).read_bytes()
    return shard.model_copy(update={"content": base64.b64encode(content).decode()})
