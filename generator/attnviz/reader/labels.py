"""What a report says of a head's labels, as tables."""

from __future__ import annotations

from typing import Any, Final

import pyarrow as pa

from attnviz.errors import InputError
from attnviz.format.manifest import Head, LabelFigures, Model

_FIGURES: Final = (
    "precision",
    "recall",
    "others_precision",
    "others_recall",
    "held_out_precision",
    "held_out_recall",
)
_LABELS: Final = pa.schema(
    [
        ("label", pa.string()),
        ("description", pa.string()),
        ("declared", pa.bool_()),
        ("score", pa.float64()),
        *((name, pa.float64()) for name in _FIGURES),
    ]
)
_EXAMPLES: Final = pa.schema(
    [
        ("label", pa.string()),
        ("document", pa.int64()),
        ("query", pa.int64()),
        ("key", pa.int64()),
        ("attention", pa.float64()),
    ]
)


def labels_table(model: Model, head: Head) -> pa.Table:
    """One row for each label that a head may have."""
    scores = {label.name: label.score for label in (*head.labels, *head.awake_labels)}
    figures = {of.label: of for of in head.label_figures}
    rows = [
        {
            "label": kind.name,
            "description": kind.description,
            "declared": kind.declared,
            "score": scores.get(kind.name),
        }
        | _figures(figures.get(kind.name))
        for kind in model.labels
    ]
    return pa.Table.from_pylist(rows, schema=_LABELS)


def _figures(figures: LabelFigures | None) -> dict[str, Any]:
    return {name: getattr(figures, name, None) for name in _FIGURES}


def counter_examples_table(model: Model, head: Head, label: str | None) -> pa.Table:
    """One row for each counter-example, of one label or of all. Raises InputError if the model has
    no such label."""
    names = [kind.name for kind in model.labels]
    if label is not None and label not in names:
        raise InputError(
            f"{model.name} has no label {label!r}; expected one of {', '.join(names) or 'none'}"
        )
    rows = [of.model_dump() for of in head.counter_examples if label in (None, of.label)]
    return pa.Table.from_pylist(rows, schema=_EXAMPLES)
