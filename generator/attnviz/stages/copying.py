"""The copying score of each head, of models that predict tokens."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch

from attnviz.capture import Capture, Layer, Written, read_writes, written
from attnviz.capture.batches import make_batch
from attnviz.engine.cache import key_of
from attnviz.heads import copying, copying_score, probe_texts, repeated_text
from attnviz.modalities import ModelInput
from attnviz.models import load_unembedding, unembedding
from attnviz.score import Array
from attnviz.stages.work import Work

_NAME: Final = "copying"


def run_copying(work: Work, captured: Capture, key: str) -> list[list[dict[str, float | None]]]:
    """`copying` by layer and head; empty mappings where it is not defined."""
    nothing: list[list[dict[str, float | None]]] = [
        [{} for _ in layer.numbers] for layer in captured.layers
    ]
    if not work.family.reads_one_text:
        return nothing
    chosen = [(layer.call, layer.selected) for layer in captured.layers]
    own_key = key_of(key, chosen, work.config.seed, copying, repeated_text, written, unembedding)
    found: list[list[dict[str, float | None]]] = work.cache.value(
        _NAME, own_key, lambda: _measure(work, captured)
    )
    return found or nothing


def _measure(work: Work, captured: Capture) -> list[list[dict[str, float | None]]]:
    texts = probe_texts(work.loaded, work.config.seed)
    matrix = load_unembedding(work.loaded, work.spec) if texts else None
    if matrix is None:
        return []
    batch = make_batch(tuple(range(len(texts))), texts)
    writes = read_writes(work.loaded, work.family, batch, texts)
    if writes is None:
        return []
    said = np.stack([_first_time(own) for own in texts])
    ids = np.stack([own.axes["text"].ids[at] for own, at in zip(texts, said, strict=True)])
    rows = matrix[torch.from_numpy(ids).to(matrix.device)].float().cpu().numpy()

    def score(layer: Layer, head: int) -> dict[str, float | None]:
        return {_NAME: _score(writes, (layer.module, layer.module_call), head, said, rows)}

    return [[score(layer, head) for head in layer.numbers] for layer in captured.layers]


def _first_time(own: ModelInput) -> Array:
    """Where the random tokens stand the first time."""
    said = np.flatnonzero(~own.axes["text"].special)
    return said[: len(said) // 2]


def _score(
    writes: Written, call: tuple[str, int], head: int, said: Array, rows: Array
) -> float | None:
    """A head's score, `said` (texts, n) being places and `rows` (texts, n, hidden) the tokens'
    unembedding; or None."""
    if call not in writes.writes:
        return None
    added = writes.normed(writes.writes[call].of_head(head)).float().cpu().numpy()
    if added.shape[-1] != rows.shape[-1]:
        return None
    own = np.take_along_axis(added, said[:, :, None], 1)
    return copying_score(own @ rows.transpose(0, 2, 1))
