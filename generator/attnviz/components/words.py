"""What is said of components that are not known, and why."""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.capture.result import Layer
from attnviz.documents.document import Notice
from attnviz.writes.words import NOT_HERE, named


def missing_parts(
    layers: Sequence[Layer], rotary: bool, turned: Sequence[int], types: bool
) -> list[str]:
    """What is not known of a model, each with its reason, in sentences without a full stop.
    `rotary` says whether the model has rotary embedding, `turned` are the layers that attnviz sees
    it in."""
    parts = []
    reasons: dict[str, list[Layer]] = {}
    for layer in layers:
        if not layer.vectors:
            reasons.setdefault(layer.reason or "only attention is known", []).append(layer)
    for reason, some in reasons.items():
        parts.append(
            f"scores of {named(some, layers)} are not split, as only their attention is"
            f" known: {reason}"
        )
    known = any(layer.vectors for layer in layers)
    if known and rotary and not turned:
        parts.append(
            "position is not told apart: queries and keys are known only as rotary embedding has"
            " turned them, so that components hold a part of it"
        )
    if known and not types:
        parts.append("components have no names: its documents have no types of tokens")
    return parts


def components_notice(model: str, parts: Sequence[str]) -> list[Notice]:
    """One notice of all that is left out; none of nothing."""
    if not parts:
        return []
    return [Notice("components", f"{model}: {'; '.join(parts)}", None, model)]


def not_here_notice(model: str) -> Notice:
    """Of a model that is not here."""
    message = f"{model}: what scores are made of is not measured: {NOT_HERE}"
    return Notice("components", message, None, model)
