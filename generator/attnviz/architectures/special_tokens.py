"""The names of the tokens that stand around an image's patches."""

from __future__ import annotations

from typing import Any

from attnviz.architectures.known import architecture_of


def names_before_patches(config: Any, count: int) -> list[str]:
    """The names of the `count` tokens before the patches, registers (Darcet et al. 2024) last.

    >>> from types import SimpleNamespace
    >>> config = SimpleNamespace(model_type="dinov2_with_registers", num_register_tokens=2)
    >>> names_before_patches(config, 3)
    ['[CLS]', '[REG1]', '[REG2]']
    """
    registers = int(getattr(config, "num_register_tokens", 0) or 0)
    names = [*architecture_of(config).special_tokens, *_numbered("REG", registers)]
    return names if len(names) == count else _numbered("TOKEN", count)


def names_after_patches(config: Any) -> list[str]:
    """The names of the tokens after the patches: YOLOS has one for each object it can detect."""
    return _numbered("DET", int(getattr(config, "num_detection_tokens", 0) or 0))


def _numbered(name: str, count: int) -> list[str]:
    return [f"[{name}{number}]" for number in range(1, count + 1)]
