"""A layer's attention, encoded and written, as a step of the build."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from attnviz.capture.captured_layer import CapturedLayer
from attnviz.capture.result import LayerDocument
from attnviz.engine.step import folder_step
from attnviz.format.manifest import Shard
from attnviz.format.shards import ShardFolder
from attnviz.score import Array
from attnviz.writer.attention import write_layer
from attnviz.writer.encoding_choice import LayerSource, choose


@dataclass(frozen=True)
class EncodedLayer:
    """The encoding of each document group (outer) and kv head (inner), and the shards by id."""

    encodings: list[list[str]]
    shards: dict[str, Shard]


@folder_step("attention")
def encode_layer(
    into: Path,
    layer: CapturedLayer,
    groups: Array,
    with_vectors: frozenset[int],
    bounds: tuple[float, float],
    model: str,
    kept: frozenset[int] | None = None,
) -> EncodedLayer:
    """A layer's attention in the smallest encodings within the bounds of total variation and of the
    largest error. `groups` (documents,) are the documents' groups, `with_vectors` those whose
    queries and keys are kept, where the layer has them; `kept` are the documents that are
    stored, None for all. Raises InputError if nothing is within the bounds."""
    about, shards = layer.layer, ShardFolder(into)
    name = f"model {model}, {about.stack} layer {about.layer}"

    def documents() -> Iterator[LayerDocument]:
        return layer.documents(kept)

    source = LayerSource(name, about, documents, with_vectors)
    encodings = choose(source, groups, bounds)
    stem = f"attention-{model}-{about.stack}-L{about.layer}"
    place = {"model": model, "stack": about.stack, "layer": about.layer}
    write_layer(source, groups, encodings, shards, stem, **place)
    return EncodedLayer(encodings, shards.shards)
