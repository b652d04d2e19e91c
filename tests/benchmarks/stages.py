"""Time and memory of the quickstart."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.processes import run

QUICKSTART = Path(__file__).parents[2] / "corpora" / "quickstart.yaml"
SECONDS, MEMORY, DATA = 180.0, 2500.0, 20.0

CORES = os.cpu_count() or 1
"""Over which processor seconds are shared out: at best what the clock would say where nothing else
runs."""


def measure() -> Result:
    """the quickstart built from nothing, by stage, against 3 minutes, 2.5 GB over all processes, 20
    MB of data"""
    with tempfile.TemporaryDirectory() as folder:
        measured = run("build", corpus=str(QUICKSTART), folder=folder)
    rows = [
        (name, stage.seconds, stage.processor, stage.peak / 1e6)
        for name, stage in measured.stages.items()
    ]
    spent = sum(stage.processor for stage in measured.stages.values())
    figures = [
        Figure("time", measured.seconds, "s", "limit", SECONDS, 1),
        Figure(f"the same, of {CORES} processors", spent / CORES, "s each", "limit", SECONDS, 1),
        Figure("peak memory", measured.peak / 1e6, "MB", "limit", MEMORY, 1),
        Figure("data", measured.result["bytes"] / 1e6, "MB", "limit", DATA, 1),
    ]
    return Result(("stage", "seconds", "processor s", "peak MB"), rows, figures)
