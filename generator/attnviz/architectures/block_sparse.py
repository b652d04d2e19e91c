"""Attention by blocks (BigBird, Zaheer et al. 2020): what its returned weights leave out."""

from __future__ import annotations

from typing import Any

import torch


def with_repeated_block(config: Any, weights: torch.Tensor) -> torch.Tensor:
    """Weights (batch, heads, T, T) as the model computes with them.

    Out of training, transformers' random blocks are all the first block: rows between the first and
    the last block see its keys 1 + num_random_blocks times, and the weights that are returned count
    them once, so that such rows do not sum to 1. The rest goes to the first block's keys, in the
    shares that they have.
    """
    if getattr(config, "attention_type", None) != "block_sparse":
        return weights
    first = weights[..., : config.block_size]
    rest = (1 - weights.sum(-1, keepdim=True)).clamp(min=0)
    shares = first / first.sum(-1, keepdim=True).clamp(min=torch.finfo(weights.dtype).tiny)
    return torch.cat([first + rest * shares, weights[..., config.block_size :]], -1)
