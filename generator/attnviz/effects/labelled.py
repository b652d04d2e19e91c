"""Effects by what the corpus says of tokens."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from attnviz.documents.tokens import Tokens
from attnviz.effects.measures import Reader
from attnviz.modalities.model_input import ModelInput
from attnviz.score import Array

Labels = Mapping[str, tuple[str, ...]]
"""The values of each label, by its name."""


@dataclass(frozen=True)
class Coded:
    """Which of so many values of a label each token has that counts, (documents, tokens); -1 for
    none."""

    codes: Array
    values: int

    def counts(self) -> Array:
        """Tokens of each value, (values,) float64."""
        return np.array([(self.codes == code).sum() for code in range(self.values)], np.float64)

    def sums(self, changes: Array) -> Array:
        """Sums of changes (variants, documents, tokens) over the tokens of each value,
        (variants, values)."""
        of_values = [(changes * (self.codes == code)).sum((1, 2)) for code in range(self.values)]
        return np.stack(of_values, -1)


def coded(
    members: Sequence[ModelInput], reader: Reader, labels: Labels, tokens: int
) -> list[Coded]:
    """For each label the values of documents' tokens; `tokens` of each count."""
    axis = _axis_of(members[0], reader, tokens)
    none = np.full((len(members), tokens), -1)
    return [
        Coded(
            none
            if axis is None
            else np.stack([_codes(m.axes[axis], name, values, reader) for m in members]),
            len(values),
        )
        for name, values in labels.items()
    ]


def _codes(tokens: Tokens, label: str, values: Sequence[str], reader: Reader) -> Array:
    places = {value: place for place, value in enumerate(values)}
    labels = tokens.labels.get(label, (None,) * len(tokens))
    codes = [-1 if value is None else places.get(value, -1) for value in labels]
    return np.array(codes, np.int64)[reader.tokens(len(tokens))]


def _axis_of(document: ModelInput, reader: Reader, tokens: int) -> str | None:
    """The axis whose tokens are those that count, where it is one."""
    if reader.measure == "class":
        return None
    if reader.measure == "target token":
        return "target"
    counts = {
        name: len(np.arange(len(axis))[reader.tokens(len(axis))])
        for name, axis in document.axes.items()
    }
    return next((name for name, count in counts.items() if count == tokens), None)
