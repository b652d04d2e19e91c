"""The effects of a layer's heads on every document, written, as a step of the build."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from attnviz.capture.result import Layer
from attnviz.effects.effects import ModelEffects
from attnviz.effects.words import EstimateError
from attnviz.engine.step import folder_step
from attnviz.format.manifest import EffectEstimate, Effects, Shard
from attnviz.format.shards import ShardFolder, cut
from attnviz.score import Array


@folder_step("stored effects")
def write_effects(
    into: Path,
    layer: Layer,
    documents: Array,
    tokens: Array,
    columns: Mapping[str, Array],
    model: str,
) -> dict[str, Shard]:
    """Shards of one layer by id: `documents` and `tokens` (n,) are what was measured, `columns`
    (heads, n) what of it, by name."""
    shards = ShardFolder(into)
    size = 8 + 4 * layer.heads * len(columns)
    for part, (first, end) in enumerate(cut([size] * len(documents))):
        table: dict[str, Any] = {
            "document": documents[first:end].astype(np.uint32),
            "tokens": tokens[first:end].astype(np.uint32),
        }
        for name, values in columns.items():
            rows = values[:, first:end].T.astype(np.float32)  # (document, head)
            table[name] = [None if np.isnan(row).any() else row for row in rows]
        shards.add(
            f"effects-{model}-{layer.stack}-L{layer.layer}-{part}",
            "effects",
            table,
            model=model,
            stack=layer.stack,
            layer=layer.layer,
            documents=(int(documents[first]), int(documents[end - 1]) + 1),
        )
    return shards.shards


def effects_entry(effects: ModelEffects, shards: list[str]) -> Effects:
    """What the manifest says of a model's effects."""
    return Effects(
        method=effects.method,
        measure=effects.measure,
        documents=len(effects.documents),
        sampled=len(effects.documents) < effects.taken,
        estimate=None if effects.checked is None else _estimate(*effects.checked),
        shards=shards,
    )


def _estimate(documents: int, error: EstimateError) -> EffectEstimate:
    return EffectEstimate(
        documents=documents, error=error.mean, largest_error=error.largest, rank=error.rank
    )
