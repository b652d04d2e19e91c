"""The first line of capture: an attention function registered with transformers' attention
interface.

The model runs as usual, by scaled-dot-product attention. Each call shows its queries and keys to a
recorder, so that no T × T array per head is made. A mask function must be registered under the same
name: without it several architectures silently compute something else.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from contextvars import ContextVar
from typing import Any, Final, Protocol

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import repeat_kv, sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, eager_mask, sdpa_mask

from attnviz.capture.operands import Operands

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


class Recorder(Protocol):
    """What is shown the attention calls of a forward pass."""

    def record(self, module: torch.nn.Module, operands: Operands) -> None:
        """Called for each attention call, in the order of the pass."""


_recorder: ContextVar[Recorder | None] = ContextVar("attnviz_recorder", default=None)

Output = Callable[[], torch.Tensor]
"""Computes what an attention call returns, (batch, T, heads, d)."""
Editor = Callable[[torch.nn.Module, Output], torch.Tensor]
"""Gives what a module's attention call is to return; it may leave the call's own uncomputed."""
_editor: ContextVar[Editor | None] = ContextVar("attnviz_editor", default=None)


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
    show(module, query, key, value, attention_mask=attention_mask, scaling=scaling, **kwargs)
    kwargs |= {"scaling": scaling, "dropout": dropout}

    def output() -> torch.Tensor:
        return _output(module, query, key, value, attention_mask, **kwargs)

    editor = _editor.get()
    return (output() if editor is None else editor(module, output)), None


def _output(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    *,
    scaling: float | None,
    **kwargs: Any,
) -> torch.Tensor:
    """What attention brings, head by head, (batch, T, heads, d)."""
    softcap, sinks = kwargs.get("softcap"), kwargs.get("s_aux", kwargs.get("sinks"))
    with torch._C.DisableTorchFunction():  # hidden from the tracer: it is recorded already
        if softcap is None and sinks is None:
            output: torch.Tensor = sdpa_attention_forward(
                module, query, key, value, attention_mask, scaling=scaling, **kwargs
            )[0]
            return output
        return _attend_in_blocks(
            query,
            key,
            value,
            mask=attention_mask,
            causal=_is_causal(module, kwargs),
            scaling=scaling,
            softcap=softcap,
            sinks=sinks,
        )


def show(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    *,
    attention_mask: torch.Tensor | None,
    scaling: float | None = None,
    **kwargs: Any,
) -> None:
    """Show a call to the recorder, if there is one; takes the arguments of an attention function of
    transformers."""
    recorder = _recorder.get()
    if recorder is None:
        return
    unknown = tuple(
        name for name, argument in kwargs.items() if argument is not None and name not in _HARMLESS
    )
    operands = Operands(
        q=query,
        k=key,
        v=value,
        mask=attention_mask,
        position_bias=kwargs.get("position_bias"),
        causal=_is_causal(module, kwargs) and attention_mask is None and query.shape[2] > 1,
        scaling=query.shape[-1] ** -0.5 if scaling is None else float(scaling),
        softcap=kwargs.get("softcap"),
        sinks=kwargs.get("s_aux", kwargs.get("sinks")),
        unknown=unknown,
    )
    recorder.record(module, operands)


def _is_causal(module: torch.nn.Module, arguments: Mapping[str, Any]) -> bool:
    argument = arguments.get("is_causal")
    return bool(argument if argument is not None else getattr(module, "is_causal", True))


def _attend_in_blocks(
    q: torch.Tensor,
    k: torch.Tensor,
    v: torch.Tensor,
    *,
    mask: torch.Tensor | None,
    causal: bool,
    scaling: float | None,
    softcap: float | None,
    sinks: torch.Tensor | None,
    block: int = 256,
) -> torch.Tensor:
    """The output (batch, T, heads, d) of attention with a soft cap or sinks, which SDPA lacks.

    It computes `block` query rows at a time, so that no T × T array is made.
    """
    group = q.shape[1] // k.shape[1]
    k, v = repeat_kv(k, group), repeat_kv(v, group)
    factor = q.shape[-1] ** -0.5 if scaling is None else scaling
    rows, keys = q.shape[2], k.shape[2]
    pieces = []
    for start in range(0, rows, block):
        # Scores of the block, (batch, head, block, K), and what forbids some of them.
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
        # Softmax in float32, with a sink as one more key whose weight is dropped.
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
    """Within this context the model runs by another attention implementation.

    `name` may be a function of the implementation that each part of the model has, such as its
    vision tower. The name is set on the loaded model and never passed while loading: transformers
    then silently keeps or breaks several architectures.
    """
    before = _implementations(model.config, lambda current: current)
    model.set_attn_implementation(
        name if isinstance(name, str) else _implementations(model.config, name)
    )
    try:
        yield
    finally:
        model.set_attn_implementation(before)


def _implementations(config: Any, name: Callable[[str], str]) -> dict[str, Any]:
    """The names for a model's configuration (under "") and for its parts, by their keys.

    A part that has no implementation set has that of the model.
    """
    parts = {key: getattr(config, key, None) for key in config.sub_configs}
    current = config._attn_implementation

    def of_part(part: Any) -> dict[str, Any] | str:
        return name(current) if part._attn_implementation is None else _implementations(part, name)

    return {"": name(current)} | {
        key: of_part(part) for key, part in parts.items() if part is not None
    }


@contextlib.contextmanager
def recording(model: Any, recorder: Recorder) -> Iterator[None]:
    """Within this context every dispatched attention call of the model is shown to the recorder."""
    with _dispatching(model), showing(recorder):
        yield


@contextlib.contextmanager
def editing(model: Any, editor: Editor) -> Iterator[None]:
    """Within this context the editor gives what every dispatched attention call of the model
    returns."""
    token = _editor.set(editor)
    try:
        with _dispatching(model):
            yield
    finally:
        _editor.reset(token)


def _dispatching(model: Any) -> contextlib.AbstractContextManager[None]:
    """Within this context the model's attention calls come here."""
    return implementation(model, lambda current: ADDITIVE if current == "eager" else INTERFACE)


@contextlib.contextmanager
def showing(recorder: Recorder | None) -> Iterator[None]:
    """Within this context calls are shown to the recorder, by `_attend` and by the eager function
    of `eager.py`."""
    token = _recorder.set(recorder)
    try:
        yield
    finally:
        _recorder.reset(token)
