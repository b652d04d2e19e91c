"""What the scores of all heads of a model are made of: a step per layer."""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.components.layer_vectors import LayerVectors
from attnviz.components.model_components import ModelComponents
from attnviz.components.sizes import vectors_bytes
from attnviz.engine.engine import Engine, Piece
from attnviz.format.manifest import Components, LabelContrast
from attnviz.heads.layer_statistics import ByHead
from attnviz.site.wording import size_in_words
from attnviz.writer.layer_components import StoredComponents, write_components


def store_components(
    corpus: ModelCorpus,
    captured: Capture,
    components: ModelComponents | None,
    stored: frozenset[int] | None,
    engine: Engine,
) -> list[Piece[StoredComponents]]:
    """Shards of every layer whose queries and keys are known; vectors of the documents that are
    `stored`, None for all."""
    if components is None:
        return []
    layers = captured_layers(captured)
    lengths = {name: axis.lengths for name, axis in corpus.axes.items()}
    documents = range(len(corpus.inputs)) if stored is None else stored
    size = sum(
        vectors_bytes(captured.layers[n], lengths, documents, n in components.turned)
        for n in components.split
    )
    if components.split:
        engine.note(
            f"{corpus.name}: components store queries and keys in full, about {size_in_words(size)}"
        )
    calls = []
    for number in components.split:
        layer = layers[number]
        axes = layer.layer.query_axis, layer.layer.key_axis
        queries, keys = (corpus.axes[axis].documents for axis in axes)
        before = components.before if number in components.turned else ()
        calls.append(
            write_components.of(
                LayerVectors(layer, before),
                number,
                components.moments,
                (queries, keys),
                (components.types[axes[0]], components.types[axes[1]]),
                stored,
                components.rank,
                components.contrast is not None,
                corpus.name,
            )
        )
    return list(engine.each(f"components of {corpus.name}", calls, [1.0] * len(calls)))


def components_by_head(
    components: ModelComponents | None,
    pieces: Sequence[Piece[StoredComponents]],
    captured: Capture,
) -> list[ByHead]:
    """The columns of all heads by layer: nothing of those of layers that are not split. No layers
    where nothing was asked for."""
    if components is None:
        return []
    columns: list[ByHead] = [[{} for _ in layer.numbers] for layer in captured.layers]
    for number, piece in zip(components.split, pieces, strict=True):
        columns[number] = piece.value.statistics
    return columns


def components_entry(
    components: ModelComponents, pieces: Sequence[Piece[StoredComponents]]
) -> Components:
    """What the manifest says of what a model's scores are made of."""
    shards = {name: shard for piece in pieces for name, shard in piece.value.shards.items()}

    def of_kind(kind: str) -> list[str]:
        return [name for name, shard in shards.items() if shard.kind == kind]

    return Components(
        rank=components.rank,
        contrast=None
        if components.contrast is None
        else LabelContrast(
            column=components.contrast.column, values=list(components.contrast.values)
        ),
        missing=list(components.missing),
        shards=of_kind("components"),
        interactions=of_kind("interactions"),
        vectors=of_kind("vectors"),
    )
