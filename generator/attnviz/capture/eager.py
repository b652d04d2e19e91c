"""The truth that everything is measured against: the model's own attention weights, call by call as
they are computed.

Modules that dispatch run by the eager attention function of their model's file. Of the others the
result of their softmax is read (the tracer changes nothing), or the weights that they return.
"""

from __future__ import annotations

import contextlib
import sys
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextvars import ContextVar
from typing import Any, Final

import torch
from transformers import AttentionInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import AttentionMaskInterface, eager_mask

from attnviz.capture.batches import Batch
from attnviz.capture.calls import DENSE, INTERFACE, TRACER, AttentionCall
from attnviz.capture.interface import implementation, show, showing
from attnviz.capture.recorder import BatchRecorder
from attnviz.capture.returned import longest_input, returned_weights
from attnviz.capture.runner import forward
from attnviz.capture.tracer import Traced, tracing
from attnviz.capture.windows import spread
from attnviz.modalities.family import Family
from attnviz.models.loaded import LoadedModel

EAGER: Final = "attnviz_eager"
Visit = Callable[[str, int, torch.Tensor], None]

_visitor: ContextVar[Callable[[torch.nn.Module, torch.Tensor], None] | None] = ContextVar(
    "attnviz_eager", default=None
)


def _eager(
    module: torch.nn.Module,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    **kwargs: Any,
) -> Any:
    """The attention function that is registered: it runs the model's eager one."""
    show(module, query, key, value, attention_mask=attention_mask, **kwargs)
    attend = _eager_function(module)
    if attend is None:  # no weights to visit: the self-check names the module
        return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)
    with torch._C.DisableTorchFunction():
        output, weights = attend(module, query, key, value, attention_mask, **kwargs)
        if kwargs.get("s_aux", kwargs.get("sinks")) is not None:
            # Some models (Granite) take the sink's share from the output and not from the weights.
            # With ones for values, the output is the sum of each row.
            ones = torch.ones_like(value[..., :1])
            mass = attend(module, query, key, ones, attention_mask, **kwargs)[0].transpose(1, 2)
            weights = weights * (mass / weights.sum(-1, keepdim=True))
    visitor = _visitor.get()
    if visitor is not None:
        visitor(module, weights)
    return output, None


def _eager_function(module: torch.nn.Module) -> Callable[..., Any] | None:
    """`eager_attention_forward` of the file that defines the module or a class above it."""
    for defined in type(module).__mro__:
        function = getattr(sys.modules.get(defined.__module__), "eager_attention_forward", None)
        if function is not None:
            return function  # type: ignore[no-any-return]
    return None


AttentionInterface.register(EAGER, _eager)
AttentionMaskInterface.register(EAGER, eager_mask)


def visit_eager_attention(
    loaded: LoadedModel,
    family: Family,
    batch: Batch,
    inputs: Mapping[str, torch.Tensor],
    *,
    calls: Sequence[AttentionCall],
    visit: Visit,
    recorder: BatchRecorder | None = None,
) -> Any:
    """Run the model on a batch by eager attention, and return its output.

    `visit(path, module_call, weights)` is called for each of `calls`, in the order of the pass,
    with the model's own weights (batch, heads, T, K). They are freed after the visit, so that those
    of one layer alone are alive at a time. A recorder is shown each call before it is visited.
    """
    paths = {
        line: {call.module for call in calls if call.line == line}
        for line in (INTERFACE, TRACER, DENSE)
    }
    shapes = {call.module: _shape(call, batch) for call in calls}
    known = {(call.module, call.module_call) for call in calls}
    modules = dict(loaded.model.named_modules())
    counts: Counter[str] = Counter()

    def counted(path: str, weights: torch.Tensor) -> None:
        windows = family.place(path).windows if path in shapes else None
        if windows is not None:
            weights = spread(weights, windows, len(batch.documents))
        # A module may take the softmax of other things too.
        if shapes.get(path) == tuple(weights.shape):
            if (path, counts[path]) in known:
                visit(path, counts[path], weights)
            counts[path] += 1

    def visit_traced(path: str, traced: Traced) -> None:
        if path in paths[TRACER]:
            if recorder is not None:
                recorder.record_traced(path, traced)
            counted(path, traced.attention())

    watched = {path: modules[path] for path in paths[TRACER]}
    with contextlib.ExitStack() as stack:
        stack.enter_context(implementation(loaded.model, EAGER))
        stack.enter_context(showing(recorder))
        stack.enter_context(_visiting(loaded.model, counted))
        stack.enter_context(tracing(watched, len(batch.documents), visit_traced))
        output = forward(loaded, inputs)
    if paths[DENSE]:
        _visit_returned(loaded, inputs, {path: modules[path] for path in paths[DENSE]}, counted)
    return output


def _shape(call: AttentionCall, batch: Batch) -> tuple[int, ...]:
    """(batch, heads, T, K) of a call, padding included."""
    return (
        len(batch.documents),
        call.heads,
        batch.padded[call.query_axis],
        batch.padded[call.key_axis],
    )


@contextlib.contextmanager
def _visiting(model: Any, counted: Callable[[str, torch.Tensor], None]) -> Iterator[None]:
    names = {id(module): path for path, module in model.named_modules()}
    token = _visitor.set(lambda module, weights: counted(names[id(module)], weights))
    try:
        yield
    finally:
        _visitor.reset(token)


def _visit_returned(
    loaded: LoadedModel,
    inputs: Mapping[str, torch.Tensor],
    modules: Mapping[str, torch.nn.Module],
    counted: Callable[[str, torch.Tensor], None],
) -> None:
    with returned_weights(loaded.model.config, modules, longest_input(inputs), counted):
        forward(loaded, inputs, output_attentions=True)
