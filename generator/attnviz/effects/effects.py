"""The effects of a model's heads, as they are measured: what all later steps read of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from attnviz.documents.document import Notice
from attnviz.effects.measured_model import MeasureName
from attnviz.effects.replacing import Method
from attnviz.effects.words import EstimateError
from attnviz.score import Array

MOST_VALUES: Final = 8
"""Values that a label of tokens may have for effects to be told apart by them."""


@dataclass(frozen=True)
class ModelEffects:
    """What was measured of a model: how, on which documents of how many, and of how many tokens of
    each; and by name (2, heads, documents) float64, means over these tokens with each head
    replaced, and with its control. Heads are those of all layers in their order; NaN where the
    layer does not read the document, or its heads could not be replaced. `by_label` are means over
    all tokens of a value, (2, heads), by name, label and value. Of estimates, `checked` says on how
    many documents they were held against what is measured, and how far they are off."""

    method: Method
    measure: MeasureName
    documents: tuple[int, ...]
    taken: int
    tokens: Array
    values: Mapping[str, Array]
    by_label: Mapping[tuple[str, str, str], Array] = field(default_factory=dict)
    checked: tuple[int, EstimateError] | None = None
    notices: Sequence[Notice] = ()
