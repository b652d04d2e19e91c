"""What all heads of a model write: steps per layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture, Layer
from attnviz.engine.engine import Engine, Piece
from attnviz.format.manifest import Shard, Writes
from attnviz.writer.layer_writes import write_composition, write_tokens
from attnviz.writes.model_writes import ModelWrites


def store_writes(
    corpus: ModelCorpus, captured: Capture, writes: ModelWrites | None, engine: Engine
) -> list[Piece[dict[str, Shard]]]:
    """Shards of every layer of which anything is known."""
    if writes is None or writes.folder is None:
        return []
    calls = [
        write_tokens.of(layer, list(rows), corpus.name)
        for layer, rows in zip(captured.layers, writes.tokens, strict=True)
        if rows
    ]
    for number in writes.composed:
        layer = captured.layers[number]
        values = np.load(writes.folder / f"c{number}.npy")
        earlier = _earlier(layer, captured.layers, writes.readable)
        calls.append(write_composition.of(layer, earlier, values, corpus.name))
    return [engine.run(call) for call in calls]


def writes_entry(writes: ModelWrites, pieces: Sequence[Piece[dict[str, Shard]]]) -> Writes:
    """What the manifest says of what a model's heads write."""
    shards = {name: shard for piece in pieces for name, shard in piece.value.items()}
    return Writes(
        inverse_scale=writes.inverse_scale,
        chance=writes.chance,
        missing=list(writes.missing),
        shards=[name for name, shard in shards.items() if shard.kind == "writes"],
        composition=[name for name, shard in shards.items() if shard.kind == "composition"],
    )


def _earlier(
    later: Layer, layers: Sequence[Layer], readable: Sequence[int]
) -> list[tuple[int, int]]:
    """The heads that a layer is composed with, by layer and number."""
    return [
        (layers[n].layer, head)
        for n in readable
        if layers[n].stack == later.stack and layers[n].layer < later.layer
        for head in layers[n].numbers
    ]
