"""Bytes of what heads write, by the lengths of documents."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Final

import numpy as np

from attnviz.capture.result import Capture, Layer
from attnviz.score import Array, Mask, mask_intervals
from attnviz.writes.document_attribution import BY_TOKEN, MOST_TOKENS
from attnviz.writes.next_tokens import EACH

TYPE: Final = 50
"""Bytes of a type of token that a head attends to."""
NEXT: Final = 130
"""Bytes of the ten next tokens that go with it."""
COMPOSITION: Final = 18
"""Bytes of a head and one of an earlier layer."""


def writing_bytes(
    captured: Capture,
    layers: Sequence[Layer],
    lengths: Mapping[str, Array],
    stored: Collection[int],
    predicts_next: bool,
    with_pairs: bool,
) -> int:
    """Of data, about. Of documents whose attention is `stored` parts of logits are too, where the
    model `predicts_next` tokens; `lengths` are those of all documents by axis."""
    heads = sum(layer.heads for layer in layers)
    rows = 2 * EACH * heads * (TYPE + NEXT * predicts_next)
    size = rows + COMPOSITION * _composed(layers)
    if not predicts_next:
        return size
    counts = [int(count) for count in lengths[layers[0].query_axis][sorted(stored)] if count > 1]
    # Codes of heads; a scale; the parts that a token has one of but `between`, which few models
    # have; biases and feed-forward layers.
    of_token = 2 * heads + 4 * len(BY_TOKEN) + 8 * len(layers)
    size += of_token * sum(count - 1 for count in counts)
    short = [count for count in counts if count <= MOST_TOKENS] if with_pairs else []
    size += 4 * heads * sum(count - 1 for count in short)
    return size + sum(layer.heads * _seen(captured, layer, short) for layer in layers)


def _composed(layers: Sequence[Layer]) -> int:
    """Heads with each head of an earlier layer of their stack."""
    return sum(
        layer.heads * other.heads
        for layer in layers
        for other in layers
        if other.stack == layer.stack and other.layer < layer.layer
    )


def _seen(captured: Capture, layer: Layer, counts: Sequence[int]) -> int:
    """Keys that all queries with a next token see in documents of so many tokens, together."""
    rule = captured.rules[layer.rule].mask
    # A mask of no simpler form is known once documents are read: until then every key counts.
    mask = Mask("full") if rule.kind == "intervals" else rule
    total = 0
    for count, documents in zip(*np.unique(np.array(counts, int), return_counts=True), strict=True):
        intervals = mask_intervals(mask, int(count), int(count))
        total += int((intervals.hi - intervals.lo)[:-1].sum()) * int(documents)
    return total
