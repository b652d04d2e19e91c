"""The measure of everything: the model's own attention weights, call by call as they are computed.

For modules that dispatch, their own eager attention function runs in their attention's place; for
the others, what their softmax gives (the tracer changes nothing), or what they return when asked
for their weights.
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
from attnviz.capture.calls import DENSE, INTERFACE, TRACER, Call
from attnviz.capture.interface import implementation, show, showing
from attnviz.capture.recorder import BatchRecorder
from attnviz.capture.runner import forward
from attnviz.capture.tracer import Traced, longest_input, returned_weights, tracing
from attnviz.capture.windows import spread
from attnviz.modalities import Family
from attnviz.models import LoadedModel

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
    """The eager attention function of the file that defines the module."""
    show(module, query, key, value, attention_mask, **kwargs)
    for defined in type(module).__mro__:
        own = getattr(sys.modules.get(defined.__module__), "eager_attention_forward", None)
        if own is not None:
            with torch._C.DisableTorchFunction():
                output, weights = own(module, query, key, value, attention_mask, **kwargs)
                if kwargs.get("s_aux", kwargs.get("sinks")) is not None:
                    # Some models (Granite) take the sink's share from the output, not from the
                    # weights. With ones for values, the output is each row's sum.
                    ones = torch.ones_like(value[..., :1])
                    mass = own(module, query, key, ones, attention_mask, **kwargs)[0].transpose(
                        1, 2
                    )
                    weights = weights * (mass / weights.sum(-1, keepdim=True))
            visitor = _visitor.get()
            if visitor is not None:
                visitor(module, weights)
            return output, None
    # No weights to visit: the self-check names the module.
    return sdpa_attention_forward(module, query, key, value, attention_mask, **kwargs)


AttentionInterface.register(EAGER, _eager)
AttentionMaskInterface.register(EAGER, eager_mask)


def visit_eager_attention(
    loaded: LoadedModel,
    family: Family,
    batch: Batch,
    inputs: Mapping[str, torch.Tensor],
    calls: Sequence[Call],
    visit: Visit,
    recorder: BatchRecorder | None = None,
) -> Any:
    """Run the model on a batch; `visit(path, call, weights)` sees its own weights of these calls,
    in their order.

    `call` counts the calls of one module, from zero; weights are (batch, heads, T, K) and are freed
    after the visit, so only one layer's are alive at a time. A recorder is shown each call before
    it is visited. Returns the output of the run by eager attention.
    """
    paths = {
        line: {call.module for call in calls if call.line == line}
        for line in (INTERFACE, TRACER, DENSE)
    }
    shapes = {call.module: _shape(call, batch) for call in calls}
    modules = dict(loaded.model.named_modules())
    counts: Counter[str] = Counter()

    def counted(path: str, weights: torch.Tensor) -> None:
        windows = family.place(path).windows if path in shapes else None
        if windows is not None:
            weights = spread(weights, windows, len(batch.documents))
        if shapes.get(path) == tuple(
            weights.shape
        ):  # a module may have softmaxes of other things too
            visit(path, counts[path], weights)
            counts[path] += 1

    def traced(path: str, found: Traced) -> None:
        if path in paths[TRACER]:
            if recorder is not None:
                recorder.record_traced(path, found)
            counted(path, found.attention())

    watched = {path: modules[path] for path in paths[TRACER]}
    with contextlib.ExitStack() as stack:
        stack.enter_context(implementation(loaded.model, EAGER))
        stack.enter_context(showing(recorder))
        stack.enter_context(_visiting(loaded.model, counted))
        stack.enter_context(tracing(watched, len(batch.documents), traced))
        output = forward(loaded, inputs)
    if paths[DENSE]:
        _visit_returned(loaded, inputs, {path: modules[path] for path in paths[DENSE]}, counted)
    return output


def _shape(call: Call, batch: Batch) -> tuple[int, ...]:
    """(batch, heads, T, K) of a call, padding included."""
    return (
        len(batch.documents),
        call.heads,
        max(batch.lengths[call.query_axis]),
        max(batch.lengths[call.key_axis]),
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
    with returned_weights(modules, longest_input(inputs), counted):
        forward(loaded, inputs, output_attentions=True)
