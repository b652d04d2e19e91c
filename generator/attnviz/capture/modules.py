"""Attention-like modules: which there are, and which ran without leaving a record."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import torch

_ATTENTION = re.compile(r"attention|attn|multihead", re.IGNORECASE)
# Parts of attention modules that compute none themselves.
_PART = re.compile(r"(output|norm|embedding|rotary|dropout|intermediate|mask)\w*$", re.IGNORECASE)


def attention_like(model: torch.nn.Module) -> dict[str, torch.nn.Module]:
    """Modules whose class is named after attention, by path in the model."""
    return {
        path: module
        for path, module in model.named_modules()
        if _ATTENTION.search(type(module).__name__) and not _PART.search(type(module).__name__)
    }


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

    def covered(path: str) -> bool:
        return any(
            path == r or r.startswith(path + ".") or path.startswith(r + ".") for r in recorded
        )

    return sorted(path for path in ran if not covered(path))
