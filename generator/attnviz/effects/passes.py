"""A model run again and again on the same documents, each time with one attention call's output
replaced, and nothing computed anew that comes before.

In the first pass the output of every block and of every attention call is kept. Later ones return
what is kept in place of every block before the one that is changed, and in that one compute no
queries, keys and values, as attention is given. So a head of layer L costs the layers from L on,
less its projections. Whether a model can be cut like this is tried on it (`plan`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from typing import Any, Final

import torch

from attnviz.capture.calls import CallKey
from attnviz.capture.interface import Output, editing
from attnviz.effects.blocks import blocks_of
from attnviz.effects.measured_model import MeasuredModel, run
from attnviz.models.state import restored

NOTHING: Final = 0
BLOCKS: Final = 1
PROJECTIONS: Final = 2
"""How much is not computed anew: nothing, blocks before the changed one, and its projections."""

Inputs = dict[str, torch.Tensor]
_Place = tuple[int, str, int]
"""How many blocks had begun, the path of a module, and the number of its call since then."""


@dataclass
class Trace:
    """What is kept of the first pass: the model's output, that of each block in the order of the
    pass, and by call where it was made and what it brought, (batch, T, heads, d). `shifts` are
    zeros that were added to that, whose gradients may be asked for; None where none are."""

    documents: int
    output: Any = None
    blocks: list[Any] = field(default_factory=list)
    places: dict[CallKey, tuple[_Place, bool]] = field(default_factory=dict)
    brought: dict[CallKey, torch.Tensor] = field(default_factory=dict)
    shifts: dict[CallKey, torch.Tensor] | None = None
    projected: dict[tuple[int, str], dict[str, torch.Tensor]] = field(default_factory=dict)


@dataclass
class _Change:
    """One attention call's new output, (documents, T, heads, d), in a pass that begins at a
    block."""

    trace: Trace
    place: _Place
    start: int
    output: torch.Tensor
    variants: int
    done: bool = False


class Passes:
    """Passes of one model; `open` them first. `modules` are the paths of those that attend; `reuse`
    says how much is not computed anew, `puts_back` whether the model is made as it was after each.
    """

    def __init__(
        self, model: MeasuredModel, modules: Sequence[str], reuse: int, puts_back: bool = False
    ) -> None:
        self._model, self._network, self._puts_back = model, model.network, puts_back
        body = self._network.body
        self._names = {id(module): path for path, module in body.named_modules()}
        self._blocks = blocks_of(body, modules) if reuse >= BLOCKS else {}
        inside = dict(body.named_modules())
        self._projections = {
            f"{path}.{name}": child
            for path in set(modules)
            for name, child in inside[path].named_children()
            if reuse >= PROJECTIONS and _projects(child)
        }
        self._trace: Trace | None = None
        self._change: _Change | None = None
        self._begun, self._depth = 0, 0
        self._counts: Counter[str] = Counter()
        self._since: Counter[tuple[int, str]] = Counter()

    @contextmanager
    def open(self) -> Iterator[None]:
        """While this lasts the model can be run."""
        with ExitStack() as stack:
            stack.enter_context(editing(self._network.whole, self._attend))
            for block in self._blocks.values():
                stack.enter_context(_wrapped(block, self._run_block))
            for path, child in self._projections.items():
                stack.enter_context(_wrapped(child, self._projector(path)))
            yield

    def first(self, inputs: Inputs, with_gradients: bool = False) -> Trace:
        """The pass of the model as it is."""
        self._trace = Trace(len(next(iter(inputs.values()))))
        self._trace.shifts = {} if with_gradients else None
        try:
            self._trace.output = self._run(inputs)
            return self._trace
        finally:
            self._trace = None

    def again(self, inputs: Inputs, trace: Trace, call: CallKey, brought: torch.Tensor) -> Any:
        """The output of the model where a call brings `brought` (variants · documents, T, heads,
        d): the documents once for each variant. `inputs` are those of the first pass."""
        place, inside = trace.places[call]
        start = place[0] - 1 if inside else place[0]
        variants = len(brought) // len(trace.brought[call])
        self._change = _Change(trace, place, start, brought, variants)
        try:
            output = self._run({name: _repeated(x, variants) for name, x in inputs.items()})
        finally:
            changed, self._change = self._change, None
        if not changed.done:
            raise RuntimeError(f"{call[0]} made no attention call where it had made one before")
        return output

    def _run(self, inputs: Inputs) -> Any:
        self._begun, self._depth = 0, 0
        self._counts.clear()
        self._since.clear()
        with restored(self._network.whole) if self._puts_back else nullcontext():
            return run(self._network, self._model.loaded, inputs)

    def _attend(self, module: torch.nn.Module, output: Output) -> torch.Tensor:
        path = self._names.get(id(module), "")
        call = path, self._counts[path]
        place = self._begun, path, self._since[self._begun, path]
        self._counts[path] += 1
        self._since[self._begun, path] += 1
        change, trace = self._change, self._trace
        if change is not None and not change.done and change.place == place:
            change.done = True
            return change.output
        result = output()
        if trace is not None:
            trace.places[call] = place, self._depth > 0
            trace.brought[call] = result
            if trace.shifts is not None:
                trace.shifts[call] = torch.zeros_like(result, requires_grad=True)
                return result + trace.shifts[call]
        return result

    def _run_block(self, run: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        number = self._begun
        self._begun += 1
        if self._change is not None and number < self._change.start:
            change = self._change
            kept = change.trace.blocks[number]
            return _spread(kept, change.trace.documents, change.variants)
        self._depth += 1
        try:
            result = run(*args, **kwargs)
        finally:
            self._depth -= 1
        if self._trace is not None:
            self._trace.blocks.append(result)
        return result

    def _projector(self, path: str) -> Callable[[Callable[..., Any], Any, Any], Any]:
        """What runs a projection within an attention module: not before attention that is given."""
        module = path.rpartition(".")[0]

        def project(run: Callable[..., Any], args: Any, kwargs: Any) -> Any:
            change, trace = self._change, self._trace
            place = self._begun, module
            if change is not None and not change.done and change.place == (*place, 0):
                kept = change.trace.projected.get(place, {}).get(path)
                if kept is not None:
                    return kept[:1].expand(len(kept) * change.variants, *kept.shape[1:])
            result = run(*args, **kwargs)
            if trace is not None and not self._since[place] and _of(result, trace.documents):
                # Its shape alone: a number that takes no memory.
                shape = result.new_zeros(()).expand(result.shape)
                trace.projected.setdefault(place, {})[path] = shape
            return result

        return project


def _projects(child: torch.nn.Module) -> bool:
    """Whether a module is a matrix that turns one vector into another."""
    weight = getattr(child, "weight", None)
    is_matrix = isinstance(weight, torch.Tensor) and weight.ndim == 2
    return is_matrix and not isinstance(child, torch.nn.Embedding)


def _of(result: Any, documents: int) -> bool:
    return isinstance(result, torch.Tensor) and result.ndim >= 3 and len(result) == documents


@contextmanager
def _wrapped(
    module: torch.nn.Module, run: Callable[[Callable[..., Any], Any, Any], Any]
) -> Iterator[None]:
    """While this lasts a module's forward is run by `run`."""
    before = vars(module).get("forward")
    forward = module.forward

    def wrapped(*args: Any, **kwargs: Any) -> Any:
        return run(forward, args, kwargs)

    module.forward = wrapped
    try:
        yield
    finally:
        del module.forward
        if before is not None:
            module.forward = before


def _repeated(x: torch.Tensor, times: int) -> torch.Tensor:
    return x.repeat(times, *[1] * (x.ndim - 1))


def _spread(kept: Any, documents: int, times: int) -> Any:
    """What a block returned for the documents, as often as there are variants."""
    if isinstance(kept, torch.Tensor):
        return _repeated(kept, times) if kept.ndim and len(kept) == documents else kept
    if isinstance(kept, dict):
        return type(kept)({name: _spread(x, documents, times) for name, x in kept.items()})
    if isinstance(kept, (tuple, list)):
        return type(kept)(_spread(x, documents, times) for x in kept)
    return kept
