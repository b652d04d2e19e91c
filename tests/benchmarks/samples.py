"""How far figures that are measured on samples are from those of every query."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import numpy as np

from attnviz.audit.maps import LayerMaps
from attnviz.audit.stored_layer import layers_of
from attnviz.maps.full_spaces import SPACE_PAIRS
from attnviz.maps.quality import measure
from attnviz.reader.report import Report
from attnviz.reader.store import ShardStore
from tests.benchmarks.figures import Figure

DRAWS: Final = 4
WITHIN: Final = 1.96
"""Standard errors that 19 of 20 samples are within."""


def sample_figures(report: str, pairs: int = SPACE_PAIRS, draws: int = DRAWS) -> dict[str, Any]:
    """Top-3 mass of a report's first maps on samples of so many pairs of query and key, drawn with
    several seeds, against what the report says of every query: for each head and seed how much it
    is off, and its standard error."""
    folder = Path(report)
    manifest = Report(folder).manifest
    store, model = ShardStore(folder, manifest), manifest.models[0]
    name, off, errors = model.maps[0].id, [], []
    for layer in layers_of(store, model):
        maps = LayerMaps(store, layer)
        places = [maps.positions(head, name) for head in layer.heads]
        positions = {name: (np.stack([x for x, _ in places]), np.stack([y for _, y in places]))}
        rows = maps.rows()
        for seed in range(draws):
            truths = measure(positions, rows, seed, pairs).truths(name)
            for head, truth in zip(layer.heads, truths, strict=True):
                exact, mass = head.maps[name], truth.top3_mass
                if exact.sampled or exact.top3_mass is None or mass.value is None:
                    raise ValueError(f"{model.head_id(head)} is not measured on every query")
                off.append(mass.value - exact.top3_mass)
                errors.append(mass.error or 0.0)
    return {"map": name, "heads": len(model.heads), "off": off, "errors": errors}


def against_every_query(figures: dict[str, Any]) -> list[Figure]:
    """The same in three numbers."""
    off, errors = np.array(figures["off"]), np.array(figures["errors"])
    error = float(np.sqrt((errors**2).mean()))
    title = f"top-3 mass of {figures['map']} on a sample"
    mean, rms = abs(float(off.mean())), float(np.sqrt((off**2).mean()))
    within = float((np.abs(off) <= WITHIN * errors).mean())
    return [
        # Heads of a sample have the same rows, so that their means are not off independently.
        Figure(f"{title}, off by, mean", mean, "", "its standard error", error, 1),
        Figure("the same, rms", rms, "", "that", error, 1.25),
        Figure(
            f"within {WITHIN} standard errors", 100 * within, "%", "asked", 95.0, 0.95,
            at_least=True,
        ),
    ]  # fmt: skip
