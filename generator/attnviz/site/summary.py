"""What a report of one page says without scripts: each model's labels, and a row for each head."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from attnviz.format.manifest import Manifest, Model
from attnviz.site.contexts import HeadRow, LabelRow, ModelSummary
from attnviz.site.heads_index import labels_of
from attnviz.site.leading import labels_in_words, leading_columns, leading_figure
from attnviz.site.thumbnail import Thumbnail
from attnviz.site.wording import at_most

Pictures = Mapping[tuple[str, str], Thumbnail]
"""Thumbnails by name of the model and of the head, such as ("minilm", "L5H3")."""

_STRONGEST: Final = 6
"""Heads that are named beside a label."""


def summaries(manifest: Manifest, pictures: Pictures) -> Iterator[ModelSummary]:
    """A summary of each model."""
    for model in manifest.models:
        columns = leading_columns(model)
        yield ModelSummary(
            title=model.title,
            labels=tuple(_labels(model)),
            columns=tuple(statistic.title for statistic in columns),
            heads=tuple(
                HeadRow(
                    head=model.head_id(head),
                    picture=pictures.get((model.name, model.head_id(head))),
                    labels=", ".join(labels_in_words(model, head)),
                    figures=tuple(leading_figure(column, head) for column in columns),
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
