"""The attention of one batch in the encodings chosen for it, as a step of the build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.result import Capture
from attnviz.engine.step import folder_step
from attnviz.format.manifest import Shard
from attnviz.format.shards import ShardFolder
from attnviz.writer.attention import write_batch
from attnviz.writer.coding import Coding


@folder_step("codes of a batch")
def encode_batch(
    into: Path,
    captured: Capture,
    groups: Sequence[int | None],
    codings: Sequence[Sequence[Sequence[Coding]]],
    model: str,
) -> list[dict[str, Shard]]:
    """Shards of the one batch that was `captured`, by layer, with its documents numbered in its
    order. `groups` (documents,) are the documents' groups in the batch, None for those that are not
    stored; `codings` are by layer, group and kv head."""
    layers = []
    for layer, of_groups in zip(captured_layers(captured), codings, strict=True):
        shards = ShardFolder(into)
        write_batch(layer, groups, of_groups, shards, model)
        layers.append(shards.shards)
    return layers
