"""The model's own numbers of layers, as they stand in the paths of modules."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace

import torch

from attnviz.capture.calls import AttentionCall

_NUMBER = re.compile(r"(?<=\.)\d+(?=\.|$)|^\d+(?=\.)")


def number_layers(model: torch.nn.Module, calls: Sequence[AttentionCall]) -> list[AttentionCall]:
    """The calls with the numbers of their layers, and of how many layers each is.

    Where calls of a stack would share a number, as in ALBERT, where one module is every layer, all
    of the stack are counted in the order of the pass.
    """
    lists = {
        path: len(module)
        for path, module in model.named_modules()
        if isinstance(module, torch.nn.ModuleList)
    }
    by_stack: dict[str, list[int]] = defaultdict(list)
    for index, call in enumerate(calls):
        by_stack[call.stack].append(index)
    numbered = list(calls)
    for indices in by_stack.values():
        paths = [layer_path(calls[index].module, [c.module for c in calls]) for index in indices]
        own = [int(path.rpartition(".")[2]) if path else 0 for path in paths]
        distinct = len(set(own)) == len(own)
        for place, index in enumerate(indices):
            numbered[index] = replace(
                calls[index],
                layer=own[place] if distinct else place,
                layers=_depth(paths, lists) if distinct else len(indices),
            )
    return numbered


def _depth(paths: Sequence[str], lists: Mapping[str, int]) -> int:
    """How many layers there are in the longest list that these are of."""
    numbers = [int(path.rpartition(".")[2]) if path else 0 for path in paths]
    return max(max(numbers) + 1, *(lists.get(path.rpartition(".")[0], 0) for path in paths))


def layer_path(module: str, modules: Sequence[str]) -> str:
    """The path of the layer that a module is in, by the numbers in which modules of the same kind
    differ, the innermost of them; '' for a module without a number.

    >>> layer_path("decoder.block.3.layer.1.attn", ["decoder.block.0.layer.1.attn"])
    'decoder.block.3'
    >>> layer_path("layers.3.self_attn", ["layers.3.self_attn"])
    'layers.3'
    """
    places = list(_NUMBER.finditer(module))
    kind = _NUMBER.sub("*", module)
    alike = [module] + [other for other in modules if _NUMBER.sub("*", other) == kind]
    numbers = [[match[0] for match in _NUMBER.finditer(other)] for other in alike]
    varying = [place for place in range(len(places)) if len({row[place] for row in numbers}) > 1]
    if not places:
        return ""
    return module[: places[varying[-1] if varying else 0].end()]
