"""Adam (Kingma & Ba 2015), with the last bits that maps were always made with.

docs/decisions/dependencies.md says what torch's own would change.
"""

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
        self._mean.mul_(_FIRST_DECAY).add_(gradient, alpha=1 - _FIRST_DECAY)
        self._square.mul_(_SECOND_DECAY).addcmul_(gradient, gradient, value=1 - _SECOND_DECAY)
        # Both moments start at 0, which their corrections take out.
        deviation = (self._square / (1 - _SECOND_DECAY**self._steps)).sqrt_().add_(_TINY)
        size = share * self.rate / (1 - _FIRST_DECAY**self._steps)
        self.value.addcdiv_(self._mean, deviation, value=-size)
