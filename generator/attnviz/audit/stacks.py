"""What a report says of its stacks, against its heads."""

from __future__ import annotations

from attnviz.audit.findings import Findings
from attnviz.format.manifest import Model


def compare_stacks(model: Model, findings: Findings) -> None:
    """Hold the numbers of each stack against the heads that are in it."""
    for stack in model.stacks:
        heads = [head for head in model.heads if head.stack == stack.name]
        place = f"{model.name}, stack {stack.name}"
        for name, stated, again in (
            ("heads", stack.heads, max((head.head + 1 for head in heads), default=0)),
            ("kv heads", stack.kv_heads, max((head.kv_head + 1 for head in heads), default=0)),
        ):
            findings.compare(place, name, stated=stated, recomputed=again)
        findings.compare(
            place, "its layers are those of its heads, or more",
            stated=all(head.layer < stack.layers for head in heads), recomputed=True,
        )  # fmt: skip
