"""A layer's queries and keys before rotary embedding, beside those that its scores are made of."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attnviz.capture.captured_layer import CapturedLayer
from attnviz.capture.mapped_arrays import mapped
from attnviz.capture.result import LayerDocument
from attnviz.score import Array


@dataclass(frozen=True)
class DocumentVectors:
    """A document in a layer, and its queries (heads, T, d) and keys (kv heads, K, d), float32,
    before rotary embedding; `turned` says whether the document's own are those after it."""

    captured: LayerDocument
    q: Array
    k: Array
    turned: bool


@dataclass(frozen=True)
class LayerVectors:
    """A layer of which queries and keys are known, and each batch's folder of those before rotary
    embedding; () where it has none."""

    layer: CapturedLayer
    before: tuple[Path, ...]

    def documents(self) -> Iterator[DocumentVectors]:
        """All documents that the layer reads, batch by batch."""
        layer, capture = self.layer.layer, self.layer.capture
        for place, captured in enumerate(capture.batches):
            number = layer.number_in(captured)
            if number is None:
                continue
            batch, documents = captured.batch, capture.batch_documents(layer, captured)
            if not self.before:
                yield from (DocumentVectors(each, each.q, each.k, False) for each in documents)
                continue
            folder = self.before[place]
            q, k = (mapped(folder / f"{side}{number}.npy") for side in "qk")
            queries, keys = batch.slices(layer.query_axis), batch.slices(layer.key_axis)
            for rows, columns, document in zip(queries, keys, documents, strict=True):
                yield DocumentVectors(
                    document,
                    np.asarray(q[layer.selected, rows]),
                    np.asarray(k[layer.kv_numbers, columns]),
                    True,
                )
