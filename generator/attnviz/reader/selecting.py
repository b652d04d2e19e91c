"""Which heads are meant: of one stack, of some layers, of every layer on the way to one."""

from __future__ import annotations

from collections.abc import Iterable

from attnviz.errors import InputError
from attnviz.format.manifest import Head, Model, Stack


def stack_name(model: Model, stack: str | None) -> str:
    """The stack that was asked for, or the only one."""
    stacks = [own.name for own in model.stacks]
    if stack is None and len(stacks) > 1:
        raise InputError(f"model {model.name} has the stacks {', '.join(stacks)}: say which")
    return stacks[0] if stack is None else stack


def stack_of(model: Model, head: Head) -> Stack:
    """The stack that a head belongs to."""
    return next(stack for stack in model.stacks if stack.name == head.stack)


def choose_heads(
    model: Model,
    layers: Iterable[int] | None = None,
    heads: Iterable[int] | None = None,
    stack: str | None = None,
) -> list[Head]:
    """Heads of one stack, in order: all, or those of these layers and numbers, every one of which
    must be there."""
    name = stack_name(model, stack)
    own = [head for head in model.heads if head.stack == name]
    known, numbered = {head.layer for head in own}, {head.head for head in own}
    some = known if layers is None else set(layers)
    numbers = numbered if heads is None else set(heads)
    missing = [f"layer {n}" for n in sorted(some - known)] + [
        f"head {n}" for n in sorted(numbers - numbered)
    ]
    found = [head for head in own if head.layer in some and head.head in numbers]
    if missing or not found:
        what = ", ".join(missing) or "such heads"
        raise InputError(f"model {model.name} has no {what} in {name}; indices count from zero")
    return found


def layers_up_to(model: Model, layer: int | None, stack: str | None) -> list[list[Head]]:
    """The heads of every layer of a stack up to one, or of all its layers, the first first.

    InputError where one is missing, or where layers do not follow each other on the same tokens.
    """
    heads = choose_heads(model, stack=stack)
    own = stack_of(model, heads[0])
    if own.query_axis != own.key_axis:
        raise InputError(
            f"rollout: {own.name} attends from one sequence to another, so its layers do not"
            " follow on"
        )
    if any(axis.places for axis in model.axes if axis.name == own.query_axis):
        raise InputError(
            f"rollout: {own.name} attends within windows, and layers between them cut the picture"
            " anew"
        )
    last = own.layers - 1 if layer is None else layer
    found = [[head for head in heads if head.layer == number] for number in range(last + 1)]
    missing = [str(number) for number, listed in enumerate(found) if not listed]
    if missing or not found:
        raise InputError(
            f"rollout: the report has no layer {', '.join(missing) or last} of {own.name}"
        )
    return found
