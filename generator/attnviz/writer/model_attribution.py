"""What parts of a model add to logits: a step for all documents."""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.engine.engine import Engine, Piece
from attnviz.format.manifest import Attribution, Shard
from attnviz.writer.document_attribution import write_attribution
from attnviz.writes.model_attribution import ModelAttribution


def store_attribution(
    corpus: ModelCorpus, attribution: ModelAttribution | None, engine: Engine
) -> list[Piece[dict[str, Shard]]]:
    """Shards of a model of which anything is known."""
    if attribution is None or not attribution.files:
        return []
    documents = tuple(file.document for file in attribution.files)
    files = tuple(file.path for file in attribution.files)
    return [engine.run(write_attribution.of(documents, files, corpus.name))]


def attribution_entry(
    attribution: ModelAttribution, pieces: Sequence[Piece[dict[str, Shard]]]
) -> Attribution:
    """What the manifest says of it."""
    return Attribution(
        error=attribution.error,
        missing=list(attribution.missing),
        shards=[name for piece in pieces for name in piece.value],
    )
