"""Norms before projections, as linear maps: their scale is taken as it is, all else is exact."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import torch

_LARGE: Final = 1e3
"""Numbers beside which a norm's epsilon counts for nothing."""


@dataclass(frozen=True)
class LinearNorm:
    """A norm x ↦ gain ⊙ (x − its mean, if `centred`) / scale(x) + bias: a layer norm or an RMS
    norm. `gain` and `bias` (hidden,) float64."""

    gain: torch.Tensor
    bias: torch.Tensor
    centred: bool

    def before_scale(self, x: torch.Tensor) -> torch.Tensor:
        """gain ⊙ (x − mean), of x (…, hidden), float64: what is left to divide by the scale."""
        x = x.double()
        centre = x.mean(-1, keepdim=True) if self.centred else 0.0
        return self.gain * (x - centre)

    def inverse_scale(self, x: torch.Tensor, normed: torch.Tensor) -> torch.Tensor:
        """1 / scale(x), (…,), by least squares from what the norm made of x, both (…, hidden)."""
        linear = self.before_scale(x)
        squares = linear.square().sum(-1)
        products = ((normed.double() - self.bias) * linear).sum(-1)
        return torch.where(squares > 0, products / squares.clamp_min(1e-300), 0.0)

    def error(self, x: torch.Tensor, normed: torch.Tensor) -> float:
        """How far gain, bias and one scale for each token are from what the norm does, as a share
        of its largest output."""
        scaled = self.before_scale(x) * self.inverse_scale(x, normed)[..., None] + self.bias
        return float((scaled - normed.double()).abs().max() / normed.abs().max().clamp_min(1e-30))


def identity(hidden: int) -> LinearNorm:
    """No norm at all."""
    return LinearNorm(
        torch.ones(hidden, dtype=torch.float64), torch.zeros(hidden, dtype=torch.float64), False
    )


def linear_norm(norm: torch.nn.Module, like: torch.Tensor) -> LinearNorm:
    """A norm's gain and bias, found by what it makes of three inputs; `like` (…, hidden) has the
    type and place of its input. What it makes of others tells whether it is such a norm:
    `LinearNorm.error`."""
    hidden = like.shape[-1]
    signs = torch.ones(1, 1, hidden, dtype=like.dtype, device=like.device)
    signs[..., 1::2] = -1
    with torch.inference_mode():
        bias = norm(torch.zeros_like(signs)).double()
        # Of mean zero where the size is even, so that a layer norm and an RMS norm agree on it.
        of_signs = norm(_LARGE * signs).double() - bias
        of_ones = norm(_LARGE * signs.abs()).double() - bias
    centred = bool(of_ones.abs().max() < 1e-2 * of_signs.abs().max())
    deviation = signs.double() - (signs.double().mean() if centred else 0.0)
    scale = deviation.square().mean().sqrt()
    gain = of_signs * scale / deviation
    return LinearNorm(gain.flatten().cpu(), bias.flatten().cpu(), centred)
