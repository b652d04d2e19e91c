"""What parts of a model add to logits: a step for all documents."""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.engine.engine import Engine, Piece
from attnviz.format.manifest import Attribution, Shard
from attnviz.writer.document_attribution import write_attribution, write_pairs
from attnviz.writes.model_attribution import ModelAttribution


def store_attribution(
    corpus: ModelCorpus,
    captured: Capture,
    attribution: ModelAttribution | None,
    engine: Engine,
) -> list[Piece[dict[str, Shard]]]:
    """Shards of a model of which anything is known."""
    if attribution is None or not attribution.files:
        return []
    documents = tuple(file.document for file in attribution.files)
    files = tuple(file.path for file in attribution.files)
    calls = [write_attribution.of(documents, files, corpus.name)]
    for number, layer in enumerate(captured_layers(captured)):
        paired = [file for file in attribution.files if number in file.about.pairs]
        if paired:
            numbers = tuple(file.document for file in paired)
            paths = tuple(file.pairs(number) for file in paired)
            calls.append(write_pairs.of(layer, numbers, paths, corpus.name))
    return [engine.run(call) for call in calls]


def attribution_entry(
    attribution: ModelAttribution, pieces: Sequence[Piece[dict[str, Shard]]]
) -> Attribution:
    """What the manifest says of it."""
    shards = {name: shard for piece in pieces for name, shard in piece.value.items()}
    return Attribution(
        error=attribution.error,
        missing=list(attribution.missing),
        pairs_error=attribution.pairs_error,
        shards=[name for name, shard in shards.items() if shard.kind == "attribution"],
        pairs=[name for name, shard in shards.items() if shard.kind == "attribution-pairs"],
    )
