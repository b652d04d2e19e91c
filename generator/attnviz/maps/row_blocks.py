"""Rows of attention in blocks of equal shape, for several heads at once, and how they are
sharpened.

Rows are sharpened, a ← a^β / Σ a^β with β ≥ 1, to a perplexity (exp of the entropy) that they may
not exceed, as stochastic neighbour embedding calibrates its rows (Hinton & Roweis 2002): the
nearest keys are what a reader sees.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import torch
from torch import Tensor

from attnviz.score import Array

TINY: Final = 1e-30
_STEEPEST: Final = 64.0
_BISECTIONS: Final = 24


@dataclass(frozen=True)
class Blocks:
    """n blocks of R rows and L keys, for all heads.

    queries (n, R) and keys (n, heads or 1, L) are places on the map; target (n, heads, R, L) sums
    to 1 over keys; weight (n, heads, R) is what a row counts: its mass on keys, less than 1 where a
    sink takes some, 0 for filling; offset (n, heads or 1, 1, L) is added to logits; forbidden (n,
    heads or 1, R, L) marks keys that a row may not see.
    """

    queries: Tensor
    keys: Tensor
    target: Tensor
    weight: Tensor
    offset: Tensor | None = None
    forbidden: Tensor | None = None

    def __len__(self) -> int:
        return len(self.queries)

    def to(self, device: str) -> Blocks:
        """The same on a device."""
        return Blocks(
            queries=self.queries.to(device),
            keys=self.keys.to(device),
            target=self.target.to(device),
            weight=self.weight.to(device),
            offset=None if self.offset is None else self.offset.to(device),
            forbidden=None if self.forbidden is None else self.forbidden.to(device),
        )

    def sharpen(self, perplexity: float) -> None:
        """Sharpen the targets in place, a block at a time."""
        if self.target.device.type == "cpu":
            self._sharpen_compiled(perplexity)
            return
        for target, weight in zip(self.target, self.weight, strict=True):
            counts = weight.unsqueeze(-1) > 0  # (head, row, 1): filling stays 0
            target.copy_(torch.where(counts, sharpen(target, perplexity), 0))

    def _sharpen_compiled(self, perplexity: float) -> None:
        from attnviz.maps import fused  # numba takes half a second to import

        limit = float(np.log2(perplexity))
        for target, weight in zip(self.target, self.weight, strict=True):
            target.clamp_min_(TINY).log2_()
            fused.sharpen(target.flatten(0, 1).numpy(), weight.flatten().numpy(), limit)

    @cached_property
    def arrays(self) -> tuple[Array, ...]:
        """The same memory as arrays; those without entries where there is no offset, or nothing is
        forbidden."""
        offset = torch.empty(0, 1, 1, 1) if self.offset is None else self.offset
        forbidden = self.forbidden
        if forbidden is None:
            forbidden = torch.empty(0, 1, 1, 1, dtype=torch.bool)
        tensors = (self.queries, self.keys, self.target, self.weight, offset, forbidden)
        return tuple(tensor.numpy() for tensor in tensors)

    @property
    def pairs(self) -> int:
        """Pairs of a query and a key, for one head."""
        return len(self) * self.target.shape[2] * self.target.shape[3]


def sharpen(a: Tensor, perplexity: float) -> Tensor:
    """Rows (…, keys) raised to the smallest power β ≥ 1 at which their perplexity is at most
    `perplexity`."""
    logs = a.clamp_min(TINY).log()
    rows = a.shape[:-1]
    low, high = torch.ones(rows, device=a.device), torch.full(rows, _STEEPEST, device=a.device)
    limit = float(np.log(perplexity))

    def entropy(power: Tensor) -> Tensor:
        p = torch.softmax(logs * power.unsqueeze(-1), -1)
        return -(p * p.clamp_min(TINY).log()).sum(-1)

    # The entropy falls as β grows: bisection, for all rows at once.
    too_broad = entropy(low) > limit
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        above = entropy(middle) > limit
        low, high = torch.where(above, middle, low), torch.where(above, high, middle)
    power = torch.where(too_broad, high, torch.ones_like(high))
    return torch.softmax(logs * power.unsqueeze(-1), -1)
