"""Heads by label, for the page that leads to theirs."""

from __future__ import annotations

from collections.abc import Iterator

from attnviz.format.manifest import Head, Manifest, Model
from attnviz.format.words import WORDS
from attnviz.site.contexts import LabelHeads, LabelledHead, ModelHeads
from attnviz.site.leading import leading_labels, rest_in_words, rest_of, rests_often
from attnviz.site.wording import percent

_WITHOUT = "No label"
_RESTING = "Rests"


def models_of(report: Manifest) -> Iterator[ModelHeads]:
    """Each model with its heads by the labels that lead, then those without one, and at the end
    those that rest."""
    for model in report.models:
        labels = [*labels_of(model), *_without(model), *_resting(model)]
        yield ModelHeads(title=model.title, name=model.name, labels=tuple(labels))


def labels_of(model: Model) -> Iterator[LabelHeads]:
    """Each label that leads for a head, with these heads, the strongest first."""
    for kind in model.labels:
        scores = [
            (label.score, head)
            for head in model.heads
            for label in leading_labels(head)
            if label.name == kind.name
        ]
        if scores:
            yield LabelHeads(kind.title, kind.description, _strongest_first(model, scores))


def _strongest_first(
    model: Model, scores: list[tuple[float, Head]], rests: bool = True
) -> tuple[LabelledHead, ...]:
    """Heads with their scores; `rests` says whether what rests stands beside."""
    return tuple(
        LabelledHead(model.head_id(head), percent(score), rest_in_words(head) if rests else "")
        for score, head in sorted(scores, key=lambda scored: -scored[0])
    )


def _without(model: Model) -> Iterator[LabelHeads]:
    heads = tuple(
        LabelledHead(model.head_id(head), "", rest_in_words(head))
        for head in model.heads
        if not leading_labels(head)
    )
    if heads:
        yield LabelHeads(_WITHOUT, "No measured score of these heads reaches its threshold.", heads)


def _resting(model: Model) -> Iterator[LabelHeads]:
    scores = [(rest_of(head) or 0, head) for head in model.heads if rests_often(head)]
    if scores:
        heads = _strongest_first(model, scores, rests=False)
        yield LabelHeads(_RESTING, WORDS["resting"]["meaning"], heads)
