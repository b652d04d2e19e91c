"""Heads by label, for the page that leads to theirs."""

from __future__ import annotations

from collections.abc import Iterator

from attnviz.format.manifest import Manifest, Model
from attnviz.site.contexts import Fact, LabelHeads, ModelHeads
from attnviz.site.wording import percent

_WITHOUT = "No label"


def models_of(report: Manifest) -> Iterator[ModelHeads]:
    """Each model with its heads by label, those without one at the end."""
    for model in report.models:
        labels = [*labels_of(model), *_without(model)]
        yield ModelHeads(title=model.title, name=model.name, labels=tuple(labels))


def labels_of(model: Model) -> Iterator[LabelHeads]:
    """Each label that a head has, with the heads that have it, the strongest first."""
    for kind in model.labels:
        scores = {
            model.head_id(head): label.score
            for head in model.heads
            for label in head.labels
            if label.name == kind.name
        }
        if scores:
            strongest = sorted(scores, key=lambda head: -scores[head])
            heads = tuple(Fact(head, percent(scores[head])) for head in strongest)
            yield LabelHeads(kind.title, kind.description, heads)


def _without(model: Model) -> Iterator[LabelHeads]:
    heads = tuple(Fact(model.head_id(head), "") for head in model.heads if not head.labels)
    if heads:
        yield LabelHeads(_WITHOUT, "No measured score of these heads reaches its threshold.", heads)
