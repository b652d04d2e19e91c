"""Adam (Kingma & Ba 2015): on a processor one compiled pass over a tensor, elsewhere by tensors."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final

import torch
from torch import Tensor

_FIRST_DECAY: Final = 0.9
_SECOND_DECAY: Final = 0.99
_TINY: Final = 1e-12


@dataclass
class AdamParameter:
    """A tensor that is moved in place, and the running moments of its gradient."""

    value: Tensor
    rate: float
    _mean: Tensor = field(init=False)
    _square: Tensor = field(init=False)
    _steps: int = field(init=False, default=0)

    def __post_init__(self) -> None:
        self._mean, self._square = torch.zeros_like(self.value), torch.zeros_like(self.value)

    def step(self, gradient: Tensor, share: float) -> None:
        """Move against the gradient, by `share` of the rate."""
        self._steps += 1
        # Both moments start at 0, which their corrections take out.
        size = share * self.rate / (1 - _FIRST_DECAY**self._steps)
        spread = 1 - _SECOND_DECAY**self._steps
        if self.value.device.type == "cpu":
            self._step_compiled(gradient, size, spread)
            return
        self._mean.mul_(_FIRST_DECAY).add_(gradient, alpha=1 - _FIRST_DECAY)
        self._square.mul_(_SECOND_DECAY).addcmul_(gradient, gradient, value=1 - _SECOND_DECAY)
        deviation = (self._square / spread).sqrt_().add_(_TINY)
        self.value.addcdiv_(self._mean, deviation, value=-size)

    def _step_compiled(self, gradient: Tensor, size: float, spread: float) -> None:
        from attnviz.maps import fused  # numba takes half a second to import

        tensors = (self.value, self._mean, self._square, gradient)
        value, mean, square, slope = (tensor.view(-1).numpy() for tensor in tensors)
        fused.adam(value, mean, square, slope, (_FIRST_DECAY, _SECOND_DECAY, size, spread, _TINY))
