"""Effects of all heads of a model: one call of a step per layer."""

from __future__ import annotations

import numpy as np

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.effects.effects import ModelEffects
from attnviz.engine.engine import Engine, Piece
from attnviz.format.manifest import Shard
from attnviz.writer.layer_effects import write_effects


def store_effects(
    corpus: ModelCorpus, captured: Capture, effects: ModelEffects | None, engine: Engine
) -> list[Piece[dict[str, Shard]]]:
    """Shards of every layer; none where nothing was measured."""
    if effects is None or not effects.values:
        return []
    calls, first = [], 0
    for layer in captured.layers:
        heads = slice(first, first + layer.heads)
        columns = {
            f"{name}{ending}": values[side, heads]
            for name, values in effects.values.items()
            for side, ending in enumerate(("", "_control"))
        }
        documents = np.array(effects.documents)
        calls.append(write_effects.of(layer, documents, effects.tokens, columns, model=corpus.name))
        first += layer.heads
    return [engine.run(call) for call in calls]
