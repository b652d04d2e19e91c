"""The columns of how far heads move from step to step of a series, and the figures of a model."""

from __future__ import annotations

from typing import Final

from attnviz.heads.statistic import StatisticColumn
from attnviz.series.figures import Divergences, StepFigures

_MEAN: Final = (
    "Jensen–Shannon divergence of the head's attention, mean over all rows that see two keys or "
    "more; 0 is the same attention, ln 2 = 0.693 nothing in common."
)

SERIES: Final = (
    StatisticColumn(
        "divergence", "Moved since last step", "nats", f"From the step before: {_MEAN}"
    ),
    StatisticColumn(
        "divergence_first", "Moved since first step", "nats", f"From the first step: {_MEAN}"
    ),
    StatisticColumn(
        "divergence_floor",
        "Noise floor of moving",
        "nats",
        f"Of the same model run in another number type: {_MEAN}",
    ),
)
"""What is measured where models of the corpus have a step."""


def series_statistics(step: StepFigures) -> list[list[dict[str, float | None]]]:
    """The columns by layer and head; None where nothing was compared."""
    measured: list[Divergences | None] = [
        None if step.former is None else step.former[1],
        None if step.first is None else step.first[1],
        None if step.floor is None else step.floor.layers,
    ]
    known = [
        (column.name, layers)
        for column, layers in zip(SERIES, measured, strict=True)
        if layers is not None
    ]
    if not known:
        return []
    layers = range(len(known[0][1]))
    heads = [range(len(known[0][1][layer].means)) for layer in layers]
    return [
        [{name: of_layers[layer].means[head] for name, of_layers in known} for head in heads[layer]]
        for layer in layers
    ]
