"""The batch plan. It follows from the corpus alone, because another batch size changes the low bits of a result."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch

from attnviz.score import Array


@dataclass(frozen=True)
class Batch:
    """Documents that run together: their indices in corpus order and their lengths in tokens."""

    documents: tuple[int, ...]
    lengths: tuple[int, ...]

    @property
    def tokens(self) -> int:
        return sum(self.lengths)

    def slices(self) -> list[slice]:
        """Each document's place among the batch's tokens, padding left out."""
        ends = np.cumsum(self.lengths).tolist()
        return [slice(end - length, end) for end, length in zip(ends, self.lengths, strict=True)]


def plan_batches(lengths: Sequence[int], batch_tokens: int) -> list[Batch]:
    """Documents by length, so that little is padding; at most `batch_tokens` tokens a batch, padding counted.

    Documents without tokens are left out. A document longer than `batch_tokens` is a batch of its own.

    >>> [batch.documents for batch in plan_batches([5, 1, 4], batch_tokens=8)]
    [(1, 2), (0,)]
    """
    order = sorted((length, index) for index, length in enumerate(lengths) if length > 0)
    batches: list[Batch] = []
    open_batch: list[tuple[int, int]] = []
    for length, index in order:
        if open_batch and (len(open_batch) + 1) * length > batch_tokens:
            batches.append(_close(open_batch))
            open_batch = []
        open_batch.append((length, index))
    if open_batch:
        batches.append(_close(open_batch))
    return batches


def _close(members: list[tuple[int, int]]) -> Batch:
    return Batch(tuple(index for _, index in members), tuple(length for length, _ in members))


def collate(ids: Sequence[Array], padding: int, device: torch.device) -> dict[str, torch.Tensor]:
    """Model input of the batch: ids and attention mask, (batch, longest), padded on the right."""
    longest = max(len(row) for row in ids)
    padded = np.full((len(ids), longest), padding, np.int64)
    mask = np.zeros((len(ids), longest), np.int64)
    for row, document in enumerate(ids):
        padded[row, : len(document)] = document
        mask[row, : len(document)] = 1
    return {
        "input_ids": torch.from_numpy(padded).to(device),
        "attention_mask": torch.from_numpy(mask).to(device),
    }
