"""The first line of capture: an attention function of our own behind transformers' attention
interface.

The model runs as it always does, by scaled-dot-product attention; each call's queries and keys pass
through a recorder on the way, so nothing of T × T per head is made. The mask function must be
registered under the same name: without it several architectures silently compute something else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, Protocol

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, eager_mask, sdpa_mask

INTERFACE: Final = "attnviz"
# Models that run by eager attention expect masks that are added, also where they do not dispatch
# (BigBird-Pegasus).
ADDITIVE: Final = "attnviz_additive"

# Arguments that an attention call may carry without changing what attention is.
_HARMLESS: Final = {
    "is_causal",
    "sliding_window",
    "position_ids",
    "deterministic",
    "output_attentions",
    "output_hidden_states",
    "return_dict",
    "softcap",
    "s_aux",
    "sinks",
    "position_bias",
    "use_cache",
    "cache",
    "cache_position",
    "cache_implementation",
    "cu_seq_lens_q",
    "cu_seq_lens_k",
    "max_length_q",
    "max_length_k",
    "layer_idx",
    "num_items_in_batch",
    "token_type_ids",
    "dropout",
}


@dataclass(frozen=True)
class Operands:
    """One attention call as the model made it.

    q (batch, heads, T, d), k (batch, kv heads, K, d); mask (batch or 1, heads or 1, T, K), bool or
    additive, or None; position_bias (1 or batch, heads, T, K) or None; `causal` where the call
    itself is and has no mask; `unknown` are arguments that change what attention is in a way not
    known here; v (batch, kv heads, K, size) where it is known.
    """

    q: torch.Tensor
    k: torch.Tensor
    mask: torch.Tensor | None
    position_bias: torch.Tensor | None
    causal: bool
    scaling: float
    softcap: float | None
    sinks: torch.Tensor | None
    unknown: tuple[str, ...] = ()
    v: torch.Tensor | None = None


def weights_of(seen: Operands) -> torch.Tensor:
    """The attention of a call, (batch, heads, T, K) float32, padding included."""
    with torch.no_grad(), torch._C.DisableTorchFunction():
        k = repeat_kv(seen.k, seen.q.shape[1] // seen.k.shape[1])
        s = seen.scaling * (seen.q.float() @ k.float().mT)
        if seen.softcap is not None:
            s = seen.softcap * torch.tanh(s / seen.softcap)
        if seen.causal:
            s = s.masked_fill(
                torch.ones(s.shape[-2:], dtype=torch.bool, device=s.device).triu(1), float("-inf")
            )
        if seen.position_bias is not None:
            s = s + seen.position_bias
        if seen.mask is not None:
            s = (
                s.masked_fill(~seen.mask, float("-inf"))
                if seen.mask.dtype == torch.bool
                else s + seen.mask
            )
        if seen.sinks is None:
            return torch.softmax(s, -1)
        column = seen.sinks.float().reshape(1, -1, 1, 1).expand(*s.shape[:3], 1)
        return torch.softmax(torch.cat([s, column], -1), -1)[..., :-1]


class Recorder(Protocol):
    """Is shown every attention call of a forward pass, in order."""

    def record(self, module: torch.nn.Module, seen: Operands) -> None: ...


_recorder: ContextVar[Recorder | None] = ContextVar("attnviz_recorder", default=None)


def _attend(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    dropout: float = 0.0,
    **kwargs: Any,
) -> tuple[torch.Tensor, None]:
    softcap, sinks = kwargs.get("softcap"), kwargs.get("s_aux", kwargs.get("sinks"))
    show(module, query, key, value, attention_mask, scaling, **kwargs)
    with torch._C.DisableTorchFunction():  # the tracer need not see what is recorded already
        if softcap is None and sinks is None:
            return sdpa_attention_forward(
                module,
                query,
                key,
                value,
                attention_mask,
                dropout=dropout,
                scaling=scaling,
                **kwargs,
            )
        causal = _is_causal(module, kwargs)
        return (
            _attend_in_blocks(query, key, value, attention_mask, causal, scaling, softcap, sinks),
            None,
        )


def show(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **kwargs: Any,
) -> None:
    """Show a call to the recorder, if there is one: the arguments are those of an attention
    function."""
    recorder = _recorder.get()
    if recorder is None:
        return
    unknown = tuple(
        name for name, given in kwargs.items() if given is not None and name not in _HARMLESS
    )
    factor = query.shape[-1] ** -0.5 if scaling is None else float(scaling)
    causal = _is_causal(module, kwargs) and attention_mask is None and query.shape[2] > 1
    softcap, sinks = kwargs.get("softcap"), kwargs.get("s_aux", kwargs.get("sinks"))
    bias = kwargs.get("position_bias")
    recorder.record(
        module,
        Operands(query, key, attention_mask, bias, causal, factor, softcap, sinks, unknown, value),
    )


def _is_causal(module: torch.nn.Module, given: Mapping[str, Any]) -> bool:
    argument = given.get("is_causal")
    return bool(argument if argument is not None else getattr(module, "is_causal", True))


def _attend_in_blocks(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    mask: torch.Tensor | None,
    causal: bool,
    scaling: float | None,
    softcap: float | None,
    sinks: torch.Tensor | None,
    block: int = 256,
) -> torch.Tensor:
    """Attention with a soft cap or sinks, which SDPA cannot do: `block` query rows at a time.
    (batch, T, heads, d)."""
    group = q.shape[1] // k.shape[1]
    k, v = repeat_kv(k, group), repeat_kv(v, group)
    factor = q.shape[-1] ** -0.5 if scaling is None else scaling
    rows, keys = q.shape[2], k.shape[2]
    pieces = []
    for start in range(0, rows, block):
        s = q[:, :, start : start + block] @ k.transpose(-1, -2) * factor
        if softcap is not None:
            s = softcap * torch.tanh(s / softcap)
        if mask is not None:
            part = mask[:, :, start : start + block, :keys]
            s = (
                s.masked_fill(~part, torch.finfo(s.dtype).min)
                if part.dtype == torch.bool
                else s + part
            )
        elif causal and rows > 1:
            row = torch.arange(start, min(start + block, rows), device=q.device)[:, None]
            s = s.masked_fill(torch.arange(keys, device=q.device) > row, torch.finfo(s.dtype).min)
        if sinks is not None:
            column = sinks.to(s.dtype).reshape(1, -1, 1, 1).expand(*s.shape[:3], 1)
            p = torch.softmax(torch.cat([s, column], -1), -1, dtype=torch.float32)[..., :-1]
        else:
            p = torch.softmax(s, -1, dtype=torch.float32)
        pieces.append(p.to(v.dtype) @ v)
    return torch.cat(pieces, 2).transpose(1, 2).contiguous()


AttentionInterface.register(INTERFACE, _attend)
AttentionMaskInterface.register(INTERFACE, sdpa_mask)
AttentionInterface.register(ADDITIVE, _attend)
AttentionMaskInterface.register(ADDITIVE, eager_mask)


@contextlib.contextmanager
def implementation(model: Any, name: str | Callable[[str], str]) -> Iterator[None]:
    """Run the model by another attention implementation, and give it its own back afterwards.

    `name` may follow from the implementation that each part of the model has, such as its vision
    tower.

    The name is set on the loaded model, never passed while loading: transformers then silently
    keeps or breaks several architectures.
    """
    before = _implementations(model.config, lambda own: own)
    model.set_attn_implementation(
        name if isinstance(name, str) else _implementations(model.config, name)
    )
    try:
        yield
    finally:
        model.set_attn_implementation(before)


def _implementations(config: Any, name: Callable[[str], str]) -> dict[str, Any]:
    """The name for a model's configuration and, by their keys, for its parts; one that has none is
    as the whole."""
    parts = {key: getattr(config, key, None) for key in config.sub_configs}
    whole = config._attn_implementation

    def own(part: Any) -> dict[str, Any] | str:
        return name(whole) if part._attn_implementation is None else _implementations(part, name)

    return {"": name(whole)} | {key: own(part) for key, part in parts.items() if part is not None}


@contextlib.contextmanager
def recording(model: Any, recorder: Recorder) -> Iterator[None]:
    """Within this context every dispatched attention call of the model is shown to the recorder."""
    with (
        implementation(model, lambda own: ADDITIVE if own == "eager" else INTERFACE),
        showing(recorder),
    ):
        yield


@contextlib.contextmanager
def showing(recorder: Recorder | None) -> Iterator[None]:
    """Within this context calls are shown to the recorder, whichever function of ours makes
    them."""
    token = _recorder.set(recorder)
    try:
        yield
    finally:
        _recorder.reset(token)
