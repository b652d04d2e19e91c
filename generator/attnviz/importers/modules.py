"""A module of torch that is no model of transformers, given as an object with its inputs: it runs
once, and the tracer sees its softmaxes."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from attnviz.capture.operands import Operands
from attnviz.capture.tracer import Traced, tracing
from attnviz.errors import InputError
from attnviz.importers.arrays import documents_of_tokens
from attnviz.importers.assembling import Gift
from attnviz.importers.given import GivenRule
from attnviz.models.about import ModelAbout
from attnviz.models.foreign import foreign_work
from attnviz.score import Array, Mask


@dataclass
class _Seen:
    """What the tracer saw: attention (batch, heads, T, T) by softmax, operands where these are
    queries and keys alone, and the shapes of softmaxes that are of something else."""

    documents: int
    tokens: int
    paths: list[str] = field(default_factory=list)
    attention: list[Array] = field(default_factory=list)
    operands: list[Operands | None] = field(default_factory=list)
    others: set[tuple[int, ...]] = field(default_factory=set)

    def visit(self, path: str, traced: Traced) -> None:
        a = traced.attention()
        shape = tuple(a.shape)
        if len(shape) != 4 or shape[0] != self.documents or shape[2:] != (self.tokens,) * 2:
            self.others.add(shape)
            return
        self.paths.append(path)
        self.attention.append(a.detach().float().cpu().numpy().copy())
        operands = traced.operands
        plain = operands is not None and operands.position_bias is None and not operands.unknown
        self.operands.append(operands if plain else None)


def gift_of_module(module: Any, inputs: Any, tokens: Any, name: str) -> Gift:
    """What a module gives: it runs once on `inputs` (a tensor, a tuple of arguments, or a mapping
    of named ones), in evaluation mode, and is then as it was.

    `tokens` are the texts of what it attends from and to, of each item of the batch. Raises
    InputError if the module fails, or attends to no such tokens.
    """
    if not isinstance(module, torch.nn.Module):
        raise InputError(f"model: is a {type(module).__name__}; expected a torch.nn.Module")
    pieces, several = documents_of_tokens(tokens)
    counts = [len(next(iter(document.values()))) for document in pieces]
    softmaxes = _Seen(len(pieces), max(counts))
    kind = type(module).__name__
    paths = {path or "model": each for path, each in module.named_modules()}
    failure = f"model {name}: {kind} fails on its inputs"
    with (
        foreign_work(failure, "look whether it runs on them by itself"),
        _evaluating(module),
        torch.inference_mode(),
        tracing(paths, softmaxes.documents, softmaxes.visit),
    ):
        _run(module, inputs)
    if not softmaxes.attention:
        shapes = ", ".join(map(str, sorted(softmaxes.others))) or "none at all"
        size = softmaxes.tokens
        raise InputError(
            f"model {name}: {kind} has no softmax from {size} tokens to {size} in a batch of"
            f" {len(pieces)}; seen were {shapes}; expected tokens= with a text for each row of its"
            " attention"
        )
    queries, keys, rule = _vectors(softmaxes)
    nested = [list(next(iter(document.values()))) for document in pieces]
    return Gift(
        by=f"{kind}, given as an object",
        tokens=nested if several else nested[0],
        attention={"": tuple(softmaxes.attention)},
        queries=queries,
        keys=keys,
        rule=rule,
        lenient=True,
        about=_about(module, name),
    )


def _run(module: Any, inputs: Any) -> None:
    if isinstance(inputs, Mapping):
        module(**inputs)
    elif isinstance(inputs, tuple | list):
        module(*inputs)
    else:
        module(inputs)


@contextlib.contextmanager
def _evaluating(module: torch.nn.Module) -> Iterator[None]:
    """In evaluation mode, each part as it was afterwards."""
    modes = [(each, each.training) for each in module.modules()]
    module.eval()
    try:
        yield
    finally:
        for each, training in modes:
            each.training = training


def _vectors(
    softmaxes: _Seen,
) -> tuple[tuple[Array, ...] | None, tuple[Array, ...] | None, GivenRule | None]:
    """Queries and keys (batch, heads, T, d) of every softmax, with their rule, where all have
    them by the same rule."""
    operands = [each for each in softmaxes.operands if each is not None]
    scalings = {round(each.scaling, 6) for each in operands}
    caps = {each.softcap for each in operands}
    if len(operands) != len(softmaxes.attention) or len(scalings) != 1 or len(caps) != 1:
        return None, None, None
    causal = not any(np.triu(a, 1).any() for a in softmaxes.attention)
    rule = GivenRule(Mask("causal" if causal else "full"), operands[0].scaling, operands[0].softcap)
    queries, keys = (tuple(map(_numbers, side)) for side in _sides(operands))
    return queries, keys, rule


def _sides(operands: Sequence[Operands]) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    return [each.q for each in operands], [each.k for each in operands]


def _numbers(x: torch.Tensor) -> Array:
    return x.detach().float().cpu().numpy().copy()


def _about(module: torch.nn.Module, name: str) -> ModelAbout:
    """What a report says of a module."""
    kind = type(module)
    parameters = list(module.parameters())
    digest = hashlib.sha256()
    for key, value in sorted(module.state_dict().items()):
        digest.update(key.encode())
        content = value.detach().cpu().contiguous().flatten().view(torch.uint8)
        digest.update(content.numpy().tobytes())
    return ModelAbout(
        name=name,
        title=name,
        source=f"{kind.__module__}.{kind.__qualname__}, given as an object",
        weights_sha256=digest.hexdigest(),
        architecture=kind.__name__,
        dtype=str(parameters[0].dtype).removeprefix("torch.") if parameters else "float32",
        parameters=sum(parameter.numel() for parameter in parameters),
        device=parameters[0].device.type if parameters else "cpu",
    )
