"""Which keys the attention of each stack of a captured model rests on."""

from __future__ import annotations

from attnviz.capture.result import Capture
from attnviz.format.model import RestingKind
from attnviz.heads.resting import kinds_under
from attnviz.score import Mask


def resting_kinds(captured: Capture, separator: int | None) -> dict[str, tuple[RestingKind, ...]]:
    """The kinds of keys, by the name of the stack; `separator` is the id of the model's."""
    masks: dict[str, list[Mask]] = {}
    for layer in captured.layers:
        masks.setdefault(layer.stack, []).append(captured.rules[layer.rule].mask)
    return {stack: kinds_under(of_stack, separator) for stack, of_stack in masks.items()}
