"""What a report of one page says without scripts: each model's labels, and a row for each head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attnviz.format.manifest import Head, Manifest, Model
from attnviz.site.contexts import HeadRow, LabelRow, ModelSummary
from attnviz.site.heads_index import labels_of
from attnviz.site.leading import leading_labels, rest_in_words
from attnviz.site.thumbnail import Thumbnail
from attnviz.site.wording import at_most, measure

Pictures = Mapping[tuple[str, str], Thumbnail]
"""Thumbnails by name of the model and of the head, such as ("minilm", "L5H3")."""

_TELLING: Final = ("entropy", "distance", "patch_distance", "first", "previous", "duplicate")
"""Statistics of the table, those of them that a model has."""
_STRONGEST: Final = 6
"""Heads that are named beside a label."""


def summaries(manifest: Manifest, pictures: Pictures) -> Iterator[ModelSummary]:
    """A summary of each model."""
    for model in manifest.models:
        columns = [entry for entry in model.statistics if entry.name in _TELLING]
        yield ModelSummary(
            title=model.title,
            labels=tuple(_labels(model)),
            columns=tuple(statistic.title for statistic in columns),
            heads=tuple(
                HeadRow(
                    head=model.head_id(head),
                    picture=pictures.get((model.name, model.head_id(head))),
                    labels=", ".join(_evidence(model, head)),
                    figures=tuple(
                        measure(head.statistics.get(statistic.name), statistic.unit)
                        for statistic in columns
                    ),
                    error=at_most(head.certificate.total_variation),
                )
                for head in model.heads
            ),
        )


def _labels(model: Model) -> Iterator[LabelRow]:
    """Each label that leads for a head, with the strongest of its heads."""
    for label in labels_of(model):
        names = [head.name for head in label.heads]
        more = len(names) - _STRONGEST
        words = ", ".join(names[:_STRONGEST]) + (f" and {more} more" if more > 0 else "")
        yield LabelRow(label.title, label.description, words)


def _evidence(model: Model, head: Head) -> Iterator[str]:
    """The labels that lead for a head, each with the score that earned it, and how much rests."""
    titles = {kind.name: kind.title for kind in model.labels}
    for label in leading_labels(head):
        yield f"{titles.get(label.name, label.name)} {measure(label.score, 'share')}"
    if words := rest_in_words(head):
        yield words
