"""What a head's output is replaced by, and the matched control: a change of the same length in a
random direction."""

from __future__ import annotations

from typing import Literal

import numpy as np
import torch

Method = Literal["zero", "mean", "resample"]


def control(brought: torch.Tensor, replaced: torch.Tensor, seeds: tuple[int, ...]) -> torch.Tensor:
    """For each token x + ‖x' − x‖ u, where x (documents, T, d) is what the head brought and x' what
    it was replaced by; u is a unit vector drawn for each place, the same in every document."""
    length, size = brought.shape[1:]
    drawn = np.random.default_rng(seeds).standard_normal((length, size))
    direction = torch.from_numpy(drawn / np.linalg.norm(drawn, axis=-1, keepdims=True))
    change = (replaced - brought).norm(dim=-1, keepdim=True)
    changed: torch.Tensor = brought + change * direction.to(brought)
    return changed
