"""What an attention call is computed from, and the attention that follows from it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from transformers.integrations.sdpa_attention import repeat_kv


@dataclass(frozen=True, kw_only=True)
class Operands:
    """What one attention call is computed from, as the model passes it, padding included.

    `causal` is true where the call itself is causal and has no mask. `unknown` has the names of
    arguments that change attention in a way not known here.
    """

    q: torch.Tensor  # (batch, heads, T, d)
    k: torch.Tensor  # (batch, kv heads, K, d)
    v: torch.Tensor | None = None  # (batch, kv heads, K, size), where it is known
    mask: torch.Tensor | None = None  # (batch or 1, heads or 1, T, K), bool or additive
    position_bias: torch.Tensor | None = None  # (1 or batch, heads, T, K)
    causal: bool = False
    scaling: float
    softcap: float | None = None
    sinks: torch.Tensor | None = None
    unknown: tuple[str, ...] = ()


def weights_of(operands: Operands) -> torch.Tensor:
    """The attention of a call, (batch, heads, T, K) float32, padding included."""
    with torch.no_grad(), torch._C.DisableTorchFunction():
        k = repeat_kv(operands.k, operands.q.shape[1] // operands.k.shape[1])  # one per query head
        s = operands.scaling * (operands.q.float() @ k.float().mT)
        if operands.softcap is not None:
            s = operands.softcap * torch.tanh(s / operands.softcap)
        if operands.causal:
            s = s.masked_fill(
                torch.ones(s.shape[-2:], dtype=torch.bool, device=s.device).triu(1), float("-inf")
            )
        if operands.position_bias is not None:
            s = s + operands.position_bias
        if operands.mask is not None:
            s = (
                s.masked_fill(~operands.mask, float("-inf"))
                if operands.mask.dtype == torch.bool
                else s + operands.mask
            )
        if operands.sinks is None:
            return torch.softmax(s, -1)
        # A sink is one more key, whose weight is dropped after the softmax.
        column = operands.sinks.float().reshape(1, -1, 1, 1).expand(*s.shape[:3], 1)
        return torch.softmax(torch.cat([s, column], -1), -1)[..., :-1]
