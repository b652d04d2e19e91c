"""Which layers and heads of a model a corpus asks for, by the model's own numbers."""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.capture.calls import AttentionCall
from attnviz.errors import InputError


def check_layers(calls: Sequence[AttentionCall], layers: Sequence[int], model: str) -> None:
    """Raises InputError if one of these is the number of no captured layer in any stack."""
    captured = sorted({call.layer for call in calls})
    missing = [number for number in layers if number not in captured]
    if not missing:
        return
    depth = max(call.layers for call in calls)
    without = [number for number in missing if number < depth]
    reason = "no softmax attention is there" if without else f"the model has {depth} layers"
    raise InputError(
        f"model {model}: layers: {_listed(missing)} cannot be shown: {reason}; expected some of"
        f" {ranges(captured)}, counted from zero"
    )


def check_heads(calls: Sequence[AttentionCall], heads: Sequence[int], model: str) -> None:
    """Raises InputError if one of these is no head of any layer, or if a layer has only some of the
    heads that share a key head among them."""
    most = max(call.heads for call in calls)
    beyond = [head for head in heads if head >= most]
    if beyond:
        raise InputError(
            f"model {model}: heads: {_listed(beyond)} cannot be shown: its layers have"
            f" {most} heads; expected some of {ranges(range(most))}"
        )
    for call in calls:
        missing = [head for head in _with_groups(call, heads) if head not in heads]
        if missing:
            raise InputError(
                f"model {model}: heads: in layer {call.layer} ({call.module}) every"
                f" {call.heads // call.kv_heads} heads share their keys, and only some of those"
                f" are named: add {_listed(missing)}, which share theirs with those named"
            )


def kept_heads(call: AttentionCall, heads: Sequence[int], model: str) -> tuple[int, ...]:
    """The heads to keep of a call, in order: all, or those asked for. Raises InputError if none of
    those is a head of the call."""
    kept = tuple(head for head in range(call.heads) if not heads or head in heads)
    if not kept:
        raise InputError(
            f"model {model}: heads: none of {_listed(heads)} is a head of {call.module}, which has"
            f" {call.heads}"
        )
    return kept


def ranges(numbers: Sequence[int]) -> str:
    """Numbers in order, runs of them by their ends.

    >>> ranges([0, 1, 2, 5])
    '0–2, 5'
    """
    runs: list[list[int]] = []
    for number in numbers:
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(str(run[0]) if len(run) == 1 else f"{run[0]}–{run[-1]}" for run in runs)


def _with_groups(call: AttentionCall, heads: Sequence[int]) -> list[int]:
    """These heads of a call, with those that share their keys."""
    group = call.heads // call.kv_heads
    kv_heads = {head // group for head in heads if head < call.heads}
    return [head for head in range(call.heads) if head // group in kv_heads]


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))
