"""Which types of tokens each head of a layer attends to, as a step of the build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from attnviz.capture.captured_layer import CapturedLayer
from attnviz.documents import Tokens
from attnviz.engine.step import folder_step
from attnviz.heads.pairs import Types


@folder_step("attention by token")
def attention_by_token(
    into: Path, layer: CapturedLayer, keys: Sequence[Tokens | None], types: Types
) -> None:
    """Writes `shares.npy` (heads, types) float32, the share of each head's attention over the
    corpus that tokens of each type get, and `counts.npy` (types,), how many there are in documents
    that the layer reads. `keys` are the documents' tokens on the axis of keys."""
    sums = np.zeros((layer.layer.heads, len(types.ids)))
    counts = np.zeros(len(types.ids), np.int64)
    total = np.zeros(layer.layer.heads)
    for document in layer.documents():
        tokens = keys[document.document]
        if tokens is None:
            continue
        numbers = types.of(tokens.ids)
        of_type = numbers >= 0
        np.add.at(counts, numbers[of_type], 1)
        for _, a in document.blocks():
            received = np.nan_to_num(a).sum(1, dtype=np.float64)  # (head, key)
            total += received.sum(-1)
            for head, of_head in enumerate(received[:, of_type]):
                np.add.at(sums[head], numbers[of_type], of_head)
    shares = sums / np.maximum(total, 1e-300)[:, None]
    np.save(into / "shares.npy", shares.astype(np.float32))
    np.save(into / "counts.npy", counts)
