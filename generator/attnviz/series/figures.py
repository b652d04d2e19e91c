"""What is known of a model by those of its series before it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attnviz.series.divergence import LayerDivergence

Divergences = Sequence[LayerDivergence]
"""By layer, in the order of the capture."""


@dataclass(frozen=True)
class NoiseFloor:
    """How far a model's attention moves where it runs in another number type."""

    dtype: str
    layers: Divergences


@dataclass(frozen=True)
class StepFigures:
    """A model's place in its series: how far its heads are from the model before (`former`) and
    from the first, by name; None of both for the first itself. `floor` is None where it was not
    measured."""

    step: float
    former: tuple[str, Divergences] | None
    first: tuple[str, Divergences] | None
    floor: NoiseFloor | None
