"""What the manifest says of a model's place in a series."""

from __future__ import annotations

from attnviz.format.manifest import NoiseFloor, SeriesStep
from attnviz.series.figures import Divergences, StepFigures


def series_entry(step: StepFigures) -> SeriesStep:
    """The entry of a model of a series."""
    documents, rows = (0, 0) if step.former is None else _compared(step.former[1])
    floor = None
    if step.floor is not None:
        of_floor, rows_of_floor = _compared(step.floor.layers)
        floor = NoiseFloor(dtype=step.floor.dtype, documents=of_floor, rows=rows_of_floor)
    return SeriesStep(
        step=step.step,
        former=None if step.former is None else step.former[0],
        first=None if step.first is None else step.first[0],
        documents=documents,
        rows=rows,
        floor=floor,
    )


def _compared(layers: Divergences) -> tuple[int, int]:
    """Documents and rows of the layer with most."""
    return max(each.documents for each in layers), max(each.rows for each in layers)
