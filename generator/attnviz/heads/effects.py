"""The figures of heads' effects over a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from attnviz.documents import Document
from attnviz.effects.effects import MOST_VALUES, ModelEffects
from attnviz.heads.effect_columns import BY_LABEL, CONTROL
from attnviz.heads.statistics import by_head
from attnviz.sampling import ERROR_OF
from attnviz.score import Array


def effect_statistics(
    effects: ModelEffects, documents: Sequence[Document]
) -> list[dict[str, float | None]]:
    """The columns of all heads, in their order: means over the tokens of all documents, and of
    those of each label that have up to 8 values; with standard errors, where not all documents
    were measured."""
    columns: dict[str, Array] = {}

    def add(name: str, values: Array, among: Array | None = None) -> None:
        mean, error = _mean(values, effects, among)
        columns[name] = mean
        if len(effects.documents) < effects.taken:
            columns[f"{name}{ERROR_OF}"] = error

    for name, (replaced, control) in effects.values.items():
        add(f"effect_{name}", replaced)
        add(f"effect_{name}{CONTROL}", control)
    first = next(iter(effects.values))
    for label, value, among in _labelled(effects, documents):
        for start, values in zip(BY_LABEL, effects.values[first], strict=True):
            add(f"{start}{label}={value}", values, among)
    for (name, label, value), means in effects.by_label.items():
        if name == first:
            for start, of_heads in zip(BY_LABEL, means, strict=True):
                columns[f"{start}{label}={value}"] = of_heads
    return by_head(columns, len(columns[f"effect_{first}"]))


def _labelled(
    effects: ModelEffects, documents: Sequence[Document]
) -> Iterator[tuple[str, str, Array]]:
    """The labels of documents that have 2 to 8 values: each with a value, and which of the
    documents that were measured have it."""
    labels = [documents[number].labels for number in effects.documents]
    for name in dict.fromkeys(name for of_document in labels for name in of_document):
        of_name = [of_document.get(name) for of_document in labels]
        values = sorted({value for value in of_name if value is not None})
        if 1 < len(values) <= MOST_VALUES:
            for value in values:
                yield name, value, np.array([other == value for other in of_name])


def _mean(values: Array, effects: ModelEffects, among: Array | None = None) -> tuple[Array, Array]:
    """Of values (heads, documents), or those of the documents `among` them, the mean over tokens,
    and its standard error as a ratio of sums over documents that were drawn."""
    counted = ~np.isnan(values) if among is None else ~np.isnan(values) & among
    weights = np.where(counted, effects.tokens, 0)  # (head, document)
    tokens = weights.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = (np.nan_to_num(values) * weights).sum(-1) / tokens
        count = (weights > 0).sum(-1)
        off = (np.nan_to_num(values) - mean[:, None]) * weights
        spread = np.square(off).sum(-1) / (count - 1)
        share = 1 - len(effects.documents) / effects.taken
        error = np.sqrt(share * spread * count) / tokens
    return mean, error
