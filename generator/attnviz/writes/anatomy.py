"""How attention's output comes into the residual stream, found out in one pass over a text: which
module projects it, and whether a block adds what that puts out.

A block of a transformer that norms before it attends adds two vectors to what it reads:
x + a · attention + b · feed-forward, with a = b = 1 but for a few architectures. Whether a model's
blocks do is measured, not taken from its name: a and b follow by least squares, and if they do not
give what the block did, the block does something else, such as to norm the sum.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch

from attnviz.capture.calls import CallKey
from attnviz.capture.interface import Output, editing, recording
from attnviz.capture.operands import Operands
from attnviz.effects.blocks import blocks_of

_EXACT: Final = {torch.float32: 1e-4, torch.float64: 1e-8}
_HALF: Final = 2e-2
"""A block adds what its parts put out if no more than this share of its change is left over."""


@dataclass
class TracedCall:
    """One attention call: its operands, what it brings, (1, T, heads, d), the module that projects
    this and what that puts out, (1, T, hidden), both None where nothing takes it in as it is; and
    how many times of this the block adds, None where it does not."""

    call: CallKey
    operands: Operands
    brought: torch.Tensor
    projection: torch.nn.Module | None = None
    output: torch.Tensor | None = None
    factor: float | None = None

    def matrices(self) -> torch.Tensor:
        """W_O of each head, (heads, d, hidden) float32: what its part of the input adds to the
        projection's output."""
        if self.projection is None:
            raise RuntimeError(f"{self.call} has no projection")
        heads, size = self.brought.shape[2:]
        return matrix_of(self.projection, heads * size, self.brought).reshape(heads, size, -1)

    def bias(self) -> torch.Tensor:
        """What the projection puts out when heads bring nothing, (hidden,) float64."""
        if self.projection is None:
            raise RuntimeError(f"{self.call} has no projection")
        with torch.inference_mode():
            zero: torch.Tensor = self.projection(torch.zeros_like(self.brought[:, :1].flatten(2)))
        return zero.flatten().double().cpu()


@dataclass
class TracedModule:
    """A module that ran: its path, its input, None where that is no tensor, and its output."""

    path: str
    module: torch.nn.Module
    input: torch.Tensor | None
    output: torch.Tensor


@dataclass
class TracedBlock:
    """A block that ran: what it read and what it put out, (1, T, hidden); the modules in it, and
    its attention calls. `feed_forward` is what it adds beside attention, times `factor`, None
    where there is none or the block adds no such; `adder` is the module that puts it out."""

    path: str
    before: torch.Tensor
    after: torch.Tensor | None = None
    modules: list[TracedModule] = field(default_factory=list)
    calls: list[TracedCall] = field(default_factory=list)
    adds: bool = False
    feed_forward: torch.Tensor | None = None
    adder: torch.nn.Module | None = None
    factor: float = 0.0

    @property
    def change(self) -> torch.Tensor:
        """What the block adds to what it reads, (1, T, hidden) float64."""
        if self.after is None:
            raise RuntimeError(f"{self.path} put nothing out")
        return self.after.double() - self.before.double()


@dataclass
class Anatomy:
    """The blocks of one pass, in order; its attention calls, those outside blocks too; and the
    modules that ran outside blocks."""

    blocks: list[TracedBlock] = field(default_factory=list)
    calls: dict[CallKey, TracedCall] = field(default_factory=dict)
    outside: list[TracedModule] = field(default_factory=list)
    output: Any = None

    def telling(self) -> frozenset[int]:
        """The identities of the modules that parts of the residual stream are read from: a further
        pass that watches these alone shows the same."""
        modules = [traced.module for traced in self.outside]
        parts = [call.projection for call in self.calls.values()]
        parts += [block.adder for block in self.blocks]
        return frozenset(id(module) for module in (*modules, *parts) if module is not None)

    def last_norm(self, states: torch.Tensor) -> TracedModule | None:
        """The norm that makes the last hidden states, (1, T, hidden), of what the blocks made."""
        last = self.blocks[-1].after if self.blocks else None
        for traced in reversed(self.outside):
            reads = traced.input is not None and last is not None and _same(traced.input, last)
            if reads and _same(traced.output, states) and _weight_ndim(traced.module) == 1:
                return traced
        return None


class _Watch:
    """Follows one pass; `anatomy` is what it has seen."""

    def __init__(self, body: torch.nn.Module, modules: Sequence[str]) -> None:
        self.anatomy = Anatomy()
        self._names = {id(module): path for path, module in body.named_modules()}
        self._blocks = {id(block): path for path, block in blocks_of(body, modules).items()}
        self._counts: Counter[str] = Counter()
        self._open: list[TracedBlock] = []
        self._operands: Operands | None = None
        self._waiting: TracedCall | None = None

    def is_block(self, module: torch.nn.Module) -> bool:
        """Whether a module is a block of the model."""
        return id(module) in self._blocks

    def record(self, module: torch.nn.Module, operands: Operands) -> None:
        """Called for each attention call."""
        self._operands = operands

    def attend(self, module: torch.nn.Module, output: Output) -> torch.Tensor:
        """Called for each attention call after it is recorded; leaves it as it is."""
        brought = output()
        path = self._names.get(id(module), "")
        call = path, self._counts[path]
        self._counts[path] += 1
        if self._operands is not None and brought.ndim == 4:
            traced = TracedCall(call, self._operands, brought.detach().clone())
            self.anatomy.calls[call] = self._waiting = traced
            if self._open:
                self._open[-1].calls.append(traced)
        return brought

    def before(self, module: torch.nn.Module, args: Any, kwargs: Any) -> None:
        """Called before a module runs."""
        x = _first_tensor(args, kwargs)
        path = self._blocks.get(id(module))
        if path is not None and x is not None:
            self._open.append(TracedBlock(path, x.detach().clone()))
            self.anatomy.blocks.append(self._open[-1])
        call = self._waiting
        if call is not None and x is not None and _weight_ndim(module) == 2:
            brought = call.brought
            if x.numel() == brought.numel() and torch.equal(x.reshape(brought.shape), brought):
                call.projection = module

    def after(self, module: torch.nn.Module, args: Any, kwargs: Any, output: Any) -> None:
        """Called after a module ran."""
        y = _first_tensor((output,) if isinstance(output, torch.Tensor) else output, {})
        if y is None:
            return
        y = y.detach().clone()
        call = self._waiting
        if call is not None and module is call.projection:
            call.output, self._waiting = y, None
        if self._open and id(module) in self._blocks:
            self._open.pop().after = y
            return
        x = _first_tensor(args, kwargs)
        x = None if x is None else x.detach().clone()
        traced = TracedModule(self._names.get(id(module), ""), module, x, y)
        (self._open[-1].modules if self._open else self.anatomy.outside).append(traced)


def trace(
    body: torch.nn.Module,
    modules: Sequence[str],
    run: Callable[[], Any],
    telling: frozenset[int] | None = None,
) -> Anatomy:
    """What one pass over one text, made by `run`, shows of a model; `modules` are the paths in
    `body` of those that attend. Beside blocks, only modules of these identities are watched, by
    default all."""
    watch = _Watch(body, modules)
    with _watching(body, watch, telling), recording(body, watch), editing(body, watch.attend):
        watch.anatomy.output = run()
    for block in watch.anatomy.blocks:
        _fit(block)
    return watch.anatomy


def matrix_of(module: torch.nn.Module, size: int, like: torch.Tensor) -> torch.Tensor:
    """The matrix (in, out), float32, of a module that is linear up to a bias, found by running it;
    `like` has the type and place of its input."""
    eye = torch.eye(size, dtype=like.dtype, device=like.device)[None]
    with torch.inference_mode():
        rows = [module(part) - module(torch.zeros_like(part)) for part in torch.split(eye, 1024, 1)]
    return torch.cat(rows, 1)[0].float().cpu()


def _fit(block: TracedBlock) -> None:
    """Find what the block adds: its attention calls' outputs and at most one other module's."""
    if block.after is None or block.after.shape != block.before.shape:
        return
    written = [call.output for call in block.calls if call.output is not None]
    if len(written) < len(block.calls) or any(y.shape != block.before.shape for y in written):
        return
    inside = {id(call.output) for call in block.calls}
    others = [m for m in block.modules if m.output.shape == block.before.shape]
    others = [m for m in others if id(m.output) not in inside]
    exact = _EXACT.get(block.before.dtype, _HALF)
    # The outermost module first: what it puts out, its last part puts out too.
    rounding = float(torch.finfo(block.after.dtype).eps * block.after.double().norm())
    for other in (None, *sorted(others, key=lambda m: m.path.count("."))):
        parts = written if other is None else [*written, other.output]
        factors = _factors(block.change, parts, exact, rounding) if parts else None
        if factors is None:
            continue
        block.adds = True
        for call, factor in zip(block.calls, factors, strict=False):
            call.factor = factor
        if other is not None:
            block.feed_forward, block.factor = other.output, factors[-1]
            block.adder = other.module
        return


def _factors(
    change: torch.Tensor, parts: Sequence[torch.Tensor], exact: float, rounding: float
) -> list[float] | None:
    """How many times of each part there is in a change, 1 of a part that is zero; None if they do
    not make it up, or one of them has no part in it."""
    target = change.flatten().cpu().numpy()
    columns = np.array([part.double().flatten().cpu().numpy() for part in parts])
    columns = columns.reshape(len(parts), len(target))
    there = abs(columns).max(-1, initial=0.0) > 0
    factors = np.ones(len(parts))
    factors[there] = np.linalg.lstsq(columns[there].T, target, rcond=None)[0]
    left = np.linalg.norm(target - factors @ columns)
    if left > exact * np.linalg.norm(target) + rounding or (abs(factors) < 1e-6).any():
        return None
    near_one = abs(factors - 1) < exact
    return [1.0 if near else float(x) for x, near in zip(factors, near_one, strict=True)]


@contextlib.contextmanager
def _watching(
    body: torch.nn.Module, watch: _Watch, telling: frozenset[int] | None
) -> Iterator[None]:
    hooks = []
    for module in body.modules():
        if telling is not None and id(module) not in telling and not watch.is_block(module):
            continue
        hooks.append(module.register_forward_pre_hook(watch.before, with_kwargs=True))
        hooks.append(module.register_forward_hook(watch.after, with_kwargs=True))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _first_tensor(args: Any, kwargs: Any) -> torch.Tensor | None:
    """The first argument, or the hidden states among those with a name."""
    first = args[0] if isinstance(args, (tuple, list)) and args else kwargs.get("hidden_states")
    return first if isinstance(first, torch.Tensor) and first.is_floating_point() else None


def _weight_ndim(module: torch.nn.Module) -> int:
    weight = getattr(module, "weight", None)
    return weight.ndim if isinstance(weight, torch.Tensor) else 0


def _same(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and torch.equal(a, b.to(a.device))
