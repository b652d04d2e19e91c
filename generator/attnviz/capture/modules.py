"""Attention-like modules: which there are, which of them have no softmax by design, and which ran
without leaving a record."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Collection, Iterator
from typing import Any

import torch

_ATTENTION = re.compile(r"attention|attn|multihead", re.IGNORECASE)
# Parts of attention modules that compute none themselves.
_PART = re.compile(r"(output|norm|embedding|rotary|dropout|intermediate|mask)\w*$", re.IGNORECASE)


# State spaces, linear attention, recurrences and short convolutions over tokens: known to have no
# softmax from token to token. A class that is named after a layer is the layer around one.
_LINEAR = re.compile(
    r"Mamba|GatedDeltaNet|LightningAttention|LinearAttention|RecurrentBlock|ShortConv|H1Mixer"
    r"|BambaMixer"
)
_AROUND = re.compile(r"(Layer|Block|Model|Norm\w*|Cache)$")


def attention_like(model: torch.nn.Module) -> dict[str, torch.nn.Module]:
    """Modules whose class is named after attention, by path in the model; those that are known to
    have no softmax are left out."""
    return {
        path: module
        for path, module in model.named_modules()
        if _ATTENTION.search(type(module).__name__)
        and not _PART.search(type(module).__name__)
        and not _LINEAR.search(type(module).__name__)
    }


def is_linear(module: torch.nn.Module) -> bool:
    """Whether a module mixes tokens and is known to have no softmax attention.

    >>> is_linear(type("Qwen3NextGatedDeltaNet", (torch.nn.Module,), {})())
    True
    """
    name = type(module).__name__
    return bool(_LINEAR.search(name)) and (
        name.endswith("RecurrentBlock") or not _AROUND.search(name)
    )


@contextlib.contextmanager
def watching(modules: dict[str, torch.nn.Module]) -> Iterator[set[str]]:
    """The paths of those modules that run within this context."""
    ran: set[str] = set()

    def watch(path: str) -> Any:
        return lambda module, args: ran.add(path)

    handles = [module.register_forward_pre_hook(watch(path)) for path, module in modules.items()]
    try:
        yield ran
    finally:
        for handle in handles:
            handle.remove()


def without_record(ran: set[str], recorded: set[str]) -> list[str]:
    """Modules that ran and have no record, neither of themselves nor of a module inside or around
    them.

    >>> without_record({"layer.0.attn", "layer.0.attn.self", "layer.1.attn"}, {"layer.0.attn.self"})
    ['layer.1.attn']
    """

    return sorted(path for path in ran if not related(path, recorded))


def related(path: str, others: Collection[str]) -> bool:
    """Whether a module is one of these, or inside or around one."""
    return any(
        path == other or other.startswith(path + ".") or path.startswith(other + ".")
        for other in others
    )
