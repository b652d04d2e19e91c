"""What heads' queries, keys and values are made of: for each of their numbers the column of a
projection, found without knowing how an architecture splits what it projects.

The projections' outputs are replaced by random numbers, and the numbers that attention is then
called with are looked for among them: at a text's first place, where rotary embedding turns
nothing. So a projection that has queries, keys and values of each head side by side (GPT-NeoX) is
read as well as three apart. What is not there as it was put out, such as normed queries, is not
found.
"""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch

from attnviz.capture.calls import CallKey
from attnviz.capture.interface import recording
from attnviz.capture.operands import Operands
from attnviz.writes.anatomy import Anatomy, TracedBlock, TracedModule, matrix_of
from attnviz.writes.norms import LinearNorm, identity, linear_norm

COPIES: Final = 48
"""How often a text is run beside itself: so many random numbers stand for each column."""
_ALIKE: Final = 1e-3
"""The largest difference of a column that was found, as a share of its length."""


@dataclass(frozen=True)
class Reads:
    """The matrices by which a call's heads read the residual stream: `q` (heads, hidden, d), `k`
    and `v` (kv heads, hidden, d), float32, the norm before them folded in but for its scale."""

    q: torch.Tensor
    k: torch.Tensor
    v: torch.Tensor


def find_reads(
    body: torch.nn.Module, anatomy: Anatomy, run: Callable[[], Any], seed: int
) -> dict[CallKey, Reads]:
    """By call, of those whose queries, keys and values are columns of projections that read what
    their block reads, or a norm of it. `run` makes a pass over `COPIES` copies of a text."""
    blocks = {call.call: block for block in anatomy.blocks for call in block.calls}
    operands, outputs = _randomised(body, anatomy, run, seed)
    found = {}
    for call, block in blocks.items():
        if call not in operands:
            continue
        sides = (operands[call].q, operands[call].k, operands[call].v)
        matrices = [_matrix(x, block, outputs, call) for x in sides if x is not None]
        if len(matrices) == 3 and all(matrix is not None for matrix in matrices):
            found[call] = Reads(*(matrix for matrix in matrices if matrix is not None))
    return found


def _randomised(
    body: torch.nn.Module, anatomy: Anatomy, run: Callable[[], Any], seed: int
) -> tuple[dict[CallKey, Operands], dict[str, torch.Tensor]]:
    """The operands of each call in a pass where projections put out random numbers, and these, by
    path of the module, (copies, numbers), at the first place."""
    generator = torch.Generator().manual_seed(seed)
    outputs: dict[str, torch.Tensor] = {}
    recorded = _Operands({id(module): path for path, module in body.named_modules()})

    def replace(path: str) -> Callable[..., torch.Tensor]:
        def instead(module: Any, args: Any, output: torch.Tensor) -> torch.Tensor:
            numbers = torch.randn(output.shape, generator=generator)
            numbers = numbers.to(dtype=output.dtype, device=output.device)
            outputs[path] = numbers.reshape(COPIES, -1, output.shape[-1])[:, 0].float().cpu()
            return numbers

        return instead

    with contextlib.ExitStack() as stack:
        for path, module in _projections(body, anatomy):
            stack.callback(module.register_forward_hook(replace(path)).remove)
        stack.enter_context(recording(body, recorded))
        run()
    return recorded.operands, outputs


def _projections(body: torch.nn.Module, anatomy: Anatomy) -> Iterator[tuple[str, torch.nn.Module]]:
    """The matrices within modules that attend, but for those that take in what heads bring, and for
    tables of embeddings, such as T5's of distances, which read no states."""
    paths = tuple({f"{module}." for module, _ in anatomy.calls})
    last = {id(call.projection) for call in anatomy.calls.values()}
    for path, module in body.named_modules():
        weight = getattr(module, "weight", None)
        is_matrix = isinstance(weight, torch.Tensor) and weight.ndim == 2
        is_matrix = is_matrix and not isinstance(module, torch.nn.Embedding)
        if is_matrix and path.startswith(paths) and id(module) not in last:
            yield path, module


class _Operands:
    """The operands of each call at the first place."""

    def __init__(self, names: Mapping[int, str]) -> None:
        self._names = names
        self._counts: Counter[str] = Counter()
        self.operands: dict[CallKey, Operands] = {}

    def record(self, module: torch.nn.Module, operands: Operands) -> None:
        """Called for each attention call."""
        path = self._names.get(id(module), "")
        self.operands[path, self._counts[path]] = operands
        self._counts[path] += 1


def _matrix(
    x: torch.Tensor, block: TracedBlock, outputs: Mapping[str, torch.Tensor], call: CallKey
) -> torch.Tensor | None:
    """(heads, hidden, d) of operands x (copies, heads, T, d); None where they are not found."""
    if len(x) != COPIES:
        return None
    heads, size = x.shape[1], x.shape[3]
    numbers = x[:, :, 0].flatten(1).float().cpu()  # (copies, heads · d)
    # Modules of the call's own block, as far as they were replaced.
    near = [m for m in block.modules if m.path in outputs and m.path.startswith(call[0])]
    for traced in near:
        columns, scales = _columns(numbers, outputs[traced.path])
        norm = _norm_before(traced, block) if columns is not None else None
        if columns is None or norm is None or traced.input is None:
            continue
        weights = matrix_of(traced.module, traced.input.shape[-1], traced.input).double()
        weights = norm.gain[:, None] * weights[:, columns] * scales
        if norm.centred:
            weights = weights - weights.mean(0)
        # (hidden, heads · d) to (heads, hidden, d)
        return weights.float().reshape(-1, heads, size).transpose(0, 1).contiguous()
    return None


def _columns(
    numbers: torch.Tensor, outputs: torch.Tensor
) -> tuple[torch.Tensor | None, torch.Tensor]:
    """For each of `numbers` (copies, n) the column of `outputs` (copies, m) that it is a multiple
    of, and which; None where one is of none."""
    lengths = numbers.norm(dim=0), outputs.norm(dim=0)
    cosines = (numbers.T @ outputs) / lengths[0][:, None].clamp_min(1e-30) / lengths[1]
    columns = cosines.abs().argmax(1)
    near = outputs[:, columns]
    scales = (near * numbers).sum(0) / near.square().sum(0)
    left = (numbers - near * scales).norm(dim=0)
    exact = _ALIKE if numbers.dtype == torch.float32 else 10 * _ALIKE
    if not bool((left <= exact * lengths[0]).all()) or not bool((lengths[0] > 0).all()):
        return None, scales
    return columns, scales.double()


def _norm_before(traced: TracedModule, block: TracedBlock) -> LinearNorm | None:
    """The norm between what a block reads and a projection in it; None where that is another
    thing."""
    x = traced.input
    if x is None:
        return None
    if _equal(x, block.before):
        return identity(x.shape[-1])
    for other in block.modules:
        if (
            other.input is not None
            and _equal(other.output, x)
            and _equal(other.input, block.before)
        ):
            norm = linear_norm(other.module, x)
            return norm if norm.error(other.input.cpu(), x.cpu()) < 1e-2 else None
    return None


def _equal(a: torch.Tensor, b: torch.Tensor) -> bool:
    return a.shape == b.shape and torch.equal(a, b)
