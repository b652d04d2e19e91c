"""What a layer's heads write, and their composition with earlier ones, written, as a step of the
build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from attnviz.capture.result import Layer
from attnviz.engine.step import folder_step
from attnviz.format.manifest import Shard
from attnviz.format.shards import ShardFolder, cut
from attnviz.score import Array
from attnviz.writes.next_tokens import WrittenToken

_COMPOSITION_ROW: Final = 18
"""Bytes of a row of a composition."""


@folder_step("stored writes")
def write_tokens(
    into: Path, layer: Layer, rows: Sequence[WrittenToken], model: str
) -> dict[str, Shard]:
    """Shards of one layer by id: what its heads write at tokens."""
    shards = ShardFolder(into)
    for part, (first, end) in enumerate(cut([_size(row) for row in rows])):
        here = rows[first:end]
        shards.add(
            f"writes-{model}-{layer.stack}-L{layer.layer}-{part}",
            "writes",
            {name: [getattr(row, name) for row in here] for name in _COLUMNS},
            model=model,
            stack=layer.stack,
            layer=layer.layer,
            heads=(here[0].head, here[-1].head + 1),
        )
    return shards.shards


@folder_step("stored composition")
def write_composition(
    into: Path, layer: Layer, earlier: Sequence[tuple[int, int]], values: Array, model: str
) -> dict[str, Shard]:
    """Shards of one layer by id: `values` (heads, earlier heads, 3), the earlier heads by layer and
    number."""
    shards = ShardFolder(into)
    pairs = [(head, *other) for head in layer.numbers for other in earlier]
    flat = values.reshape(-1, 3)
    for part, (first, end) in enumerate(cut([_COMPOSITION_ROW] * len(pairs))):
        head, other_layer, other_head = np.array(pairs[first:end], np.uint16).T
        table: dict[str, Any] = {
            "head": head,
            "earlier_layer": other_layer,
            "earlier_head": other_head,
        }
        table |= {side: flat[first:end, place] for place, side in enumerate("qkv")}
        shards.add(
            f"composition-{model}-{layer.stack}-L{layer.layer}-{part}",
            "composition",
            table,
            model=model,
            stack=layer.stack,
            layer=layer.layer,
            heads=(int(head[0]), int(head[-1]) + 1),
        )
    return shards.shards


_COLUMNS: Final = (
    "head",
    "id",
    "text",
    "count",
    "attention",
    "length",
    "copying",
    "raised",
    "raised_by",
    "lowered",
    "lowered_by",
)


def _size(row: WrittenToken) -> int:
    """Bytes of a row, about."""
    texts = [row.text, *row.raised, *row.lowered]
    return 40 + sum(8 + len(text.encode()) for text in texts)
