"""What of a model is not shown, for what it is: layers without softmax attention, what mixes tokens
beside attention, parts that did not run, and what is done to attention after its softmax."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any, Final

import torch

from attnviz.architectures.known import architecture_of
from attnviz.capture.calls import AttentionCall
from attnviz.capture.modules import attention_like, is_linear, related
from attnviz.capture.numbering import layer_path
from attnviz.capture.selection import ranges
from attnviz.documents import Notice

_NO_MIXER: Final = re.compile(r"mlp|moe|feed_?forward|ffn|experts|norm|drop", re.IGNORECASE)
"""Names of modules that work on each token by itself."""


def weighing_notices(model: str, config: Any) -> list[Notice]:
    """That what is shown of a model is not what weighs its values, where that is so."""
    after_softmax = architecture_of(config).after_softmax
    change = None if after_softmax is None else after_softmax(config)
    return [] if change is None else [Notice("weighing", f"{model}: {change}", None, model)]


def absences(
    model: torch.nn.Module, calls: Iterable[AttentionCall], uncaptured: Iterable[str] = ()
) -> list[str]:
    """What is not shown of a model that made these calls, each in words; modules that ran and could
    not be captured are said elsewhere."""
    captured = {call.module for call in calls}
    layers = {layer_path(module, sorted(captured)) for module in captured} - {""}
    return [
        *_layers_without(model, layers),
        *_beside_attention(model, captured, layers),
        *_idle_parts(model, captured.union(uncaptured)),
    ]


def _layers_without(model: torch.nn.Module, layers: Collection[str]) -> Iterator[str]:
    """The layers of each list that are none of these, by what they have instead."""
    for path in sorted({layer.rpartition(".")[0] for layer in layers}):
        members = model.get_submodule(path)
        if not isinstance(members, torch.nn.ModuleList):
            continue
        usual = {
            (name, type(child))
            for number, member in enumerate(members)
            if f"{path}.{number}" in layers
            for name, child in member.named_children()
        }
        kinds: dict[str, list[int]] = defaultdict(list)
        for number, member in enumerate(members):
            if f"{path}.{number}" not in layers:
                kinds[_instead(member, usual)].append(number)
        for kind, numbers in kinds.items():
            yield f"{_layers(numbers)} no softmax attention ({path}.{numbers[0]}{kind})"


def _instead(member: torch.nn.Module, usual: Collection[tuple[str, type]]) -> str:
    """What a layer without attention has where others have it: the end of its path, and its
    class."""
    for name, child in member.named_children():
        if (name, type(child)) not in usual and not _NO_MIXER.search(name):
            return f".{name}: {type(child).__name__}"
    return f": {type(member).__name__}"


def _layers(numbers: Sequence[int]) -> str:
    return f"layer {numbers[0]} has" if len(numbers) == 1 else f"layers {ranges(numbers)} have"


def _beside_attention(
    model: torch.nn.Module, captured: Collection[str], layers: Collection[str]
) -> Iterator[str]:
    """What mixes tokens in layers that have attention too."""
    kinds: dict[tuple[str, str], list[str]] = defaultdict(list)
    for path, module in model.named_modules():
        layer = next((layer for layer in layers if path.startswith(f"{layer}.")), None)
        if layer is not None and is_linear(module) and not related(path, captured):
            kinds[path.removeprefix(f"{layer}."), type(module).__name__].append(layer)
    for (name, kind), members in kinds.items():
        numbers = sorted(int(member.rpartition(".")[2]) for member in members)
        first = min(members, key=lambda member: int(member.rpartition(".")[2]))
        yield (
            f"{_layers(numbers)} something beside attention that mixes tokens ({first}.{name}:"
            f" {kind})"
        )


def _idle_parts(model: torch.nn.Module, captured: Collection[str]) -> Iterator[str]:
    """Parts of the model whose attention did not run, by the lists of layers that it is in."""
    idle: dict[str, set[str]] = defaultdict(set)
    modules = [path for path in attention_like(model) if not related(path, captured)]
    for path in modules:
        layer = layer_path(path, modules)
        idle[layer.rpartition(".")[0] or path].add(layer or path)
    for path, layers in idle.items():
        plural = "" if len(layers) == 1 else "s"
        count = f" ({len(layers)} layer{plural})" if path not in layers else ""
        yield f"{path}{count} does not run on these documents"
