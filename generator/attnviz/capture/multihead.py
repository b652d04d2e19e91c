"""torch's own `multi_head_attention_forward`, which hides its softmax from the tracer: its
operands, and its weights.

By default it gives the mean of its heads' weights, and WavLM hands that on as if it were each
head's.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from typing import Any, Final

import torch
import torch.nn.functional as F  # noqa: N812

from attnviz.capture.interface import Operands
from attnviz.capture.masks import split_mask

_SIGNATURE: Final = inspect.signature(F.multi_head_attention_forward)
_MORE_KEYS: Final = ("bias_k", "bias_v", "static_k", "static_v")


def bound(args: Any, kwargs: Any) -> dict[str, Any]:
    """A call's arguments by name, defaults filled in."""
    given = _SIGNATURE.bind(*args, **kwargs)
    given.apply_defaults()
    return dict(given.arguments)


def weights_by_head(given: Mapping[str, Any]) -> Callable[[], torch.Tensor]:
    """The weights of a call, head by head, (batch, heads, T, K), as torch computes them when it is
    asked."""

    def ask() -> torch.Tensor:
        asked = dict(given) | {"need_weights": True, "average_attn_weights": False}
        with torch.no_grad(), torch._C.DisableTorchFunction():
            return F.multi_head_attention_forward(**asked)[1]  # type: ignore[return-value]

    return ask


def operands(given: Mapping[str, Any]) -> Operands | None:
    """A call as a score rule's parts; None where it has keys beside those of its sequence, or no
    batch."""
    query, key, value, heads = (given[name] for name in ("query", "key", "value", "num_heads"))
    if (
        query.ndim != 3
        or given["add_zero_attn"]
        or any(given[name] is not None for name in _MORE_KEYS)
    ):
        return None
    with torch.no_grad(), torch._C.DisableTorchFunction():
        split = (
            _by_head(F.linear(x, *weights), heads)
            for x, weights in zip((query, key, value), _projections(given), strict=True)
        )
        q, k, v = split
        mask, bias = split_mask(_added(given, q, k), len(q))
    causal = given["is_causal"] and given["attn_mask"] is None
    return Operands(q, k, mask, bias, causal, q.shape[-1] ** -0.5, None, None, v=v)


def _projections(given: Mapping[str, Any]) -> list[tuple[torch.Tensor, torch.Tensor | None]]:
    """Weight and bias of the projections to queries, keys and values."""
    if given["use_separate_proj_weight"]:
        weights = [given[f"{side}_proj_weight"] for side in "qkv"]
    else:
        weights = list(given["in_proj_weight"].chunk(3))
    biases = [None] * 3 if given["in_proj_bias"] is None else list(given["in_proj_bias"].chunk(3))
    return list(zip(weights, biases, strict=True))


def _by_head(x: torch.Tensor, heads: int) -> torch.Tensor:
    """(batch, heads, T, d) of x (T, batch, heads · d)."""
    return x.reshape(*x.shape[:2], heads, -1).permute(1, 2, 0, 3)


def _added(given: Mapping[str, Any], q: torch.Tensor, k: torch.Tensor) -> torch.Tensor | None:
    """What is added to the scores, (batch, heads or 1, T, K); −∞ where a key is forbidden, None
    where nothing is."""
    batch, heads, rows, _ = q.shape
    added = None
    if given["attn_mask"] is not None:
        mask = _additive(given["attn_mask"], q)
        added = (
            mask.expand(1, 1, *mask.shape)
            if mask.ndim == 2
            else mask.reshape(batch, heads, *mask.shape[1:])
        )
    if given["key_padding_mask"] is not None:
        padding = _additive(given["key_padding_mask"], q)[:, None, None].expand(
            -1, 1, rows, k.shape[2]
        )
        added = padding if added is None else added + padding
    return added


def _additive(mask: torch.Tensor, like: torch.Tensor) -> torch.Tensor:
    """A mask as it is added: where it is one of truth values, true ones are forbidden."""
    if mask.dtype != torch.bool:
        return mask.to(like.dtype)
    return torch.zeros_like(mask, dtype=like.dtype).masked_fill(mask, float("-inf"))
