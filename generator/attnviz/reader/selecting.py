"""Which model, head, axis is meant; which heads of some layers, or of every layer on the way."""

from __future__ import annotations

from collections.abc import Iterable

from attnviz.errors import InputError
from attnviz.format.manifest import AxisEntry, Head, Manifest, Model, Stack


def find_model(manifest: Manifest, name: str | None) -> Model:
    """The model of this name, or the only one. Raises InputError if there is none."""
    models = {model.name: model for model in manifest.models}
    if name is None and len(models) == 1:
        return manifest.models[0]
    if name not in models:
        raise InputError(f"model={name!r}: this report has the models {', '.join(models)}")
    return models[name]


def find_head(model: Model, layer: int, head: int, stack: str | None) -> Head:
    """The head of this number; the stack may be left out where there is one. Raises InputError if
    there is none."""
    name = stack_name(model, stack)
    for entry in model.heads:
        if (entry.stack, entry.layer, entry.head) == (name, layer, head):
            return entry
    raise InputError(
        f"model {model.name} has no head L{layer}H{head} in {name}; indices count from zero"
    )


def axis_of(model: Model, name: str) -> AxisEntry:
    """The axis of this name."""
    return next(axis for axis in model.axes if axis.name == name)


def stack_name(model: Model, stack: str | None) -> str:
    """The stack that was asked for, or the only one."""
    stacks = [entry.name for entry in model.stacks]
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
    candidates = [head for head in model.heads if head.stack == name]
    layers_here = {head.layer for head in candidates}
    numbers_here = {head.head for head in candidates}
    chosen_layers = layers_here if layers is None else set(layers)
    numbers = numbers_here if heads is None else set(heads)
    missing = [f"layer {n}" for n in sorted(chosen_layers - layers_here)] + [
        f"head {n}" for n in sorted(numbers - numbers_here)
    ]
    matches = [head for head in candidates if head.layer in chosen_layers and head.head in numbers]
    if missing or not matches:
        what = ", ".join(missing) or "such heads"
        raise InputError(f"model {model.name} has no {what} in {name}; indices count from zero")
    return matches


def layers_up_to(model: Model, layer: int | None, stack: str | None) -> list[list[Head]]:
    """The heads of every layer of a stack up to one, or of all its layers, from the first on.

    Raises InputError if one is missing, or if layers do not follow each other on the same tokens.
    """
    heads = choose_heads(model, stack=stack)
    way = stack_of(model, heads[0])
    if way.query_axis != way.key_axis:
        raise InputError(
            f"rollout: {way.name} attends from one sequence to another, so its layers do not"
            " follow on"
        )
    if axis_of(model, way.query_axis).places:
        raise InputError(
            f"rollout: {way.name} attends within windows, and layers between them cut the picture"
            " anew"
        )
    last = way.layers - 1 if layer is None else layer
    layers = [[head for head in heads if head.layer == number] for number in range(last + 1)]
    missing = [str(number) for number, members in enumerate(layers) if not members]
    if missing or not layers:
        raise InputError(
            f"rollout: the report has no layer {', '.join(missing) or last} of {way.name}"
        )
    return layers
