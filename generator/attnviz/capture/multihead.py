"""Operands and weights of torch's `multi_head_attention_forward`, which hides its softmax from the
tracer.

By default it returns the mean of its heads' weights, and WavLM passes that on as if it were the
weights of each head.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
import torch.nn.functional as F  # noqa: N812

from attnviz.capture.masks import split_mask
from attnviz.capture.operands import Operands

_SIGNATURE: Final = inspect.signature(F.multi_head_attention_forward)
_MORE_KEYS: Final = ("bias_k", "bias_v", "static_k", "static_v")


def bound(args: Any, kwargs: Any) -> dict[str, Any]:
    """A call's arguments by name, defaults filled in."""
    call = _SIGNATURE.bind(*args, **kwargs)
    call.apply_defaults()
    return dict(call.arguments)


def weights_by_head(arguments: Mapping[str, Any]) -> Callable[[], torch.Tensor]:
    """A function that computes the weights of a call, (batch, heads, T, K), by torch's code."""

    def compute() -> torch.Tensor:
        options = dict(arguments) | {"need_weights": True, "average_attn_weights": False}
        with torch.no_grad(), torch._C.DisableTorchFunction():
            return F.multi_head_attention_forward(**options)[1]  # type: ignore[return-value]

    return compute


def operands(arguments: Mapping[str, Any]) -> Operands | None:
    """The operands of a call; None if it has keys beside those of its sequence, or no batch."""
    query, key, value, heads = (arguments[name] for name in ("query", "key", "value", "num_heads"))
    if (
        query.ndim != 3
        or arguments["add_zero_attn"]
        or any(arguments[name] is not None for name in _MORE_KEYS)
    ):
        return None
    with torch.no_grad(), torch._C.DisableTorchFunction():
        q, k, v = (
            _by_head(F.linear(x, *weights), heads)
            for x, weights in zip((query, key, value), _projections(arguments), strict=True)
        )
        mask, bias = split_mask(_added(arguments, q, k), len(q))
    return Operands(
        q=q,
        k=k,
        v=v,
        mask=mask,
        position_bias=bias,
        causal=arguments["is_causal"] and arguments["attn_mask"] is None,
        scaling=q.shape[-1] ** -0.5,
    )


def _projections(arguments: Mapping[str, Any]) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
    """Weight and bias of the projections to queries, keys and values."""
    if arguments["use_separate_proj_weight"]:
        weights = [arguments[f"{side}_proj_weight"] for side in "qkv"]
    else:
        weights = list(arguments["in_proj_weight"].chunk(3))
    biases = (
        [None] * 3
        if arguments["in_proj_bias"] is None
        else list(arguments["in_proj_bias"].chunk(3))
    )
    return list(zip(weights, biases, strict=True))


def _by_head(x: torch.Tensor, heads: int) -> torch.Tensor:
    """(batch, heads, T, d) of x (T, batch, heads · d)."""
    return x.reshape(*x.shape[:2], heads, -1).permute(1, 2, 0, 3)


def _added(arguments: Mapping[str, Any], q: torch.Tensor, k: torch.Tensor) -> torch.Tensor | None:
    """What is added to the scores, (batch, heads or 1, T, K): −∞ where a key is forbidden. None if
    nothing is added."""
    batch, heads, rows, _ = q.shape
    added = None
    if arguments["attn_mask"] is not None:
        mask = _additive(arguments["attn_mask"], q)
        if mask.ndim == 2:  # (T, K)
            added = mask.expand(1, 1, *mask.shape)
        else:  # (batch · heads, T, K)
            added = mask.reshape(batch, heads, *mask.shape[1:])
    if arguments["key_padding_mask"] is not None:
        padding = _additive(arguments["key_padding_mask"], q)[:, None, None]  # (batch, 1, 1, K)
        padding = padding.expand(-1, 1, rows, k.shape[2])
        added = padding if added is None else added + padding
    return added


def _additive(mask: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """A mask as what is added to scores: true entries of a bool mask are forbidden."""
    if mask.dtype != torch.bool:
        return mask.to(like.dtype)
    return torch.zeros_like(mask, dtype=like.dtype).masked_fill(mask, float("-inf"))
