"""A product of two arrays on its way to a softmax: what its scores are computed from."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import torch

from attnviz.capture.masks import FORBIDDEN
from attnviz.capture.operands import Operands


@dataclass(frozen=True)
class Product:
    """A product that became scores = factor · left @ right + what was added since."""

    left: torch.Tensor  # (batch, heads, T, d) or (batch · heads, T, d)
    right: torch.Tensor  # (batch, heads, d, K) or (batch · heads, d, K)
    factor: float = 1.0

    def scaled(self, factor: Any, *, divide: bool) -> Product | None:
        """The product after its scores are multiplied (or divided) by a number or an array; None
        if it is no longer known."""
        if not isinstance(factor, torch.Tensor) or factor.numel() == 1:
            number = float(factor) if isinstance(factor, torch.Tensor) else factor
            return replace(self, factor=self.factor / number if divide else self.factor * number)
        # One number per head goes to the queries.
        if factor.ndim > 1 and factor.shape[-2:] == (1, 1):
            with torch.no_grad(), torch._C.DisableTorchFunction():
                left = self.left / factor if divide else self.left * factor
            return replace(self, left=left)
        # Zeros and ones are a mask, whose effect is measured at the softmax.
        return self if _zeros_and_ones(factor) else None

    def operands(
        self, scores: torch.Tensor, split: Callable[[torch.Tensor], torch.Tensor]
    ) -> Operands | None:
        """What the softmax's input `scores` (batch, heads, T, K) is computed from; None if shapes
        do not fit.

        What is not the scaled product was added: a bias, or a mask where it is below `FORBIDDEN`.
        `split` takes (batch · heads, …) apart.
        """
        q, k = split(self.left), split(self.right).transpose(-1, -2)
        if q.ndim != 4 or k.ndim != 4:
            return None
        if q.shape[:3] != scores.shape[:3] or k.shape[2] != scores.shape[3]:
            return None
        with torch.no_grad(), torch._C.DisableTorchFunction():
            plain = self.factor * (q.float() @ k.float().transpose(-1, -2))
            forbidden = scores.float() <= FORBIDDEN
            added = (scores.float() - plain).masked_fill(forbidden, 0)
            # The model's own rounding is no bias.
            noise = 2e-5 * float(plain.abs().max().clamp(min=1))
            bias = None if float(added.abs().max()) <= noise else added
            mask = None if not bool(forbidden.any()) else ~forbidden
        return Operands(q=q, k=k, mask=mask, position_bias=bias, scaling=self.factor)


def _zeros_and_ones(x: torch.Tensor) -> bool:
    with torch._C.DisableTorchFunction():
        return bool(((x == 0) | (x == 1)).all())
