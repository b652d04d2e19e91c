"""Heads from step to step of a series of models, as a report holds them."""

from __future__ import annotations

from typing import Any

import pyarrow as pa

from attnviz.errors import InputError
from attnviz.format.manifest import Manifest, Model
from attnviz.reader.selecting import find_head

_FIGURES = ("divergence", "divergence_first", "divergence_floor")
_TEXT = ("model", "stack", "former")
_WHOLE = ("layer", "head")


def series_table(manifest: Manifest) -> pa.Table:
    """A row for each head of each model of the series, in the order of steps, and within one the
    head that moved most first."""
    rows: list[dict[str, Any]] = []
    for model in _series(manifest):
        rows += sorted(_rows(model), key=lambda row: -(row["divergence"] or 0.0))
    names = ("model", "step", "former", "stack", "layer", "head", *_FIGURES)
    return pa.table({name: pa.array([row[name] for row in rows], _type(name)) for name in names})


def over_steps(
    manifest: Manifest, statistic: str, layer: int, head: int, stack: str | None
) -> pa.Table:
    """One statistic of one head, a row for each step. Raises InputError where the report has no
    series, no such head or no such statistic."""
    models = _series(manifest)
    if not models:
        raise InputError("this report has no series of models: build with a step of each")
    known = {column.name: None for model in models for column in model.statistics}
    if statistic not in known:
        raise InputError(f"statistic={statistic!r}: this report has {', '.join(known)}")
    heads = [find_head(model, layer, head, stack) for model in models]
    return pa.table(
        {
            "model": [model.name for model in models],
            "step": [model.series.step for model in models if model.series is not None],
            "value": pa.array([each.statistics.get(statistic) for each in heads], pa.float64()),
        }
    )


def _series(manifest: Manifest) -> list[Model]:
    return [model for model in manifest.models if model.series is not None]


def _rows(model: Model) -> list[dict[str, Any]]:
    series = model.series
    if series is None:
        return []
    about = {"model": model.name, "step": series.step, "former": series.former}
    return [
        about
        | {"stack": head.stack, "layer": head.layer, "head": head.head}
        | {name: head.statistics.get(name) for name in _FIGURES}
        for head in model.heads
    ]


def _type(name: str) -> pa.DataType:
    if name in _TEXT:
        return pa.string()
    return pa.int64() if name in _WHOLE else pa.float64()
