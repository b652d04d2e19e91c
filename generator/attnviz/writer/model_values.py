"""Lengths of all values of a model: one call of a step per layer."""

from __future__ import annotations

from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.engine.engine import Engine, Piece
from attnviz.writer.layer_values import StoredValues, write_values


def store_values(
    corpus: ModelCorpus, captured: Capture, engine: Engine
) -> list[Piece[StoredValues]]:
    """Lengths of the values of every layer."""
    layers = captured_layers(captured)
    calls = [
        write_values.of(layer, corpus.axes[layer.layer.key_axis].lengths, corpus.name)
        for layer in layers
    ]
    return list(engine.each(f"values of {corpus.name}", calls, [1.0] * len(calls)))
