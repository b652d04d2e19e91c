"""How long a stage may take for each batch: by that work is shared out among processes, and the
time that is left is said."""

from __future__ import annotations

from collections.abc import Collection

from attnviz.capture.batches import Batch
from attnviz.capture.result import Capture, Layer


def batch_seconds(
    captured: Capture, of_token: float, of_entry: float, among: Collection[int] | None = None
) -> list[float]:
    """About how many processor seconds each batch takes, by those of a token and of an entry (a
    query and a key of a document) of a head; of all its documents, or of those `among` these."""
    return [
        sum(_of_layer(layer, each.batch, of_token, of_entry, among) for layer in captured.layers)
        for each in captured.batches
    ]


def _of_layer(
    layer: Layer, batch: Batch, of_token: float, of_entry: float, among: Collection[int] | None
) -> float:
    """0 for a layer that the batch's documents do not reach."""
    if not {layer.query_axis, layer.key_axis} <= set(batch.lengths):
        return 0.0
    lengths = zip(
        batch.documents,
        batch.lengths[layer.query_axis],
        batch.lengths[layer.key_axis],
        strict=True,
    )
    return layer.heads * sum(
        of_token * queries + of_entry * queries * keys
        for document, queries, keys in lengths
        if among is None or document in among
    )
