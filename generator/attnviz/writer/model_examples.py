"""Pairs of all heads of a model by bands of attention: one call of a step per layer."""

from __future__ import annotations

from attnviz.capture.result import Capture
from attnviz.engine.engine import Engine, Piece
from attnviz.format.manifest import Shard
from attnviz.heads.model_heads import ModelHeads
from attnviz.writer.layer_examples import write_examples


def store_examples(
    model: str, captured: Capture, heads: ModelHeads, engine: Engine
) -> list[Piece[dict[str, Shard]]]:
    """The shards of every layer."""
    layers = zip(captured.layers, heads.layers, strict=True)
    return [engine.run(write_examples.of(layer, facts.bands, model)) for layer, facts in layers]
