"""Do the parts of a manifest that name each other by name or index fit?"""

from __future__ import annotations

from collections.abc import Iterator

from attnviz.format.manifest import Manifest, Model


def reference_faults(manifest: Manifest) -> Iterator[str]:
    """What is named and not there; a report with any of these cannot be read."""
    if not manifest.models:
        yield "models: there is none"
    if len({model.name for model in manifest.models}) < len(manifest.models):
        yield "models: two have one name"
    for model in manifest.models:
        for fault in _model(model):
            yield f"{model.name}: {fault}"


def _model(model: Model) -> Iterator[str]:
    if not (model.axes and model.stacks):
        yield "it has no axis or no stack"
    axes, stacks = {axis.name for axis in model.axes}, {stack.name for stack in model.stacks}
    for stack in model.stacks:
        for axis in (stack.query_axis, stack.key_axis):
            if axis not in axes:
                yield f"stack {stack.name} names an axis {axis} that it does not list"
    for head in model.heads:
        where = model.head_id(head)
        if head.stack not in stacks:
            yield f"{where}: names a stack {head.stack} that it does not list"
        if not 0 <= head.rule < len(model.rules):
            yield f"{where}: names rule {head.rule} of {len(model.rules)}"
        if head.bias is not None and not 0 <= head.bias < len(model.biases):
            yield f"{where}: names bias {head.bias} of {len(model.biases)}"
