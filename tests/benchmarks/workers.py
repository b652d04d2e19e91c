"""What it costs to have workers make a report, and whether it is the same report."""

from __future__ import annotations

import tempfile

from tests.benchmarks.figures import Cell, Figure, Result
from tests.benchmarks.processes import Run, run
from tests.benchmarks.stages import QUICKSTART

WAYS = {"by default": None, "one worker": "local:1", "two workers": "local:2"}
SHARE = 1.25
"""Most processor seconds of two workers, over those of one: each loads the model."""


def measure() -> Result:
    """the quickstart built by default, by one worker and by two, in processor seconds, and whether
    one and two make the same bytes; by default torch adds up on several threads"""
    runs: dict[str, Run] = {}
    for name, cluster in WAYS.items():
        with tempfile.TemporaryDirectory() as folder:
            runs[name] = run("build", corpus=str(QUICKSTART), folder=folder, cluster=cluster)
    rows: list[tuple[Cell, ...]] = [
        (name, each.seconds, _spent(each), each.peak / 1e6, each.result["sha256"][:12])
        for name, each in runs.items()
    ]
    by_workers = runs["one worker"], runs["two workers"]
    one, two = map(_spent, by_workers)
    reports = len({each.result["sha256"] for each in by_workers})
    figures = [
        Figure("two workers", two, "s", "one worker", one, SHARE),
        Figure("reports that differ", reports, "", "limit", 1, 1),
    ]
    return Result(("", "seconds", "processor s", "peak MB", "SHA-256"), rows, figures)


def _spent(measured: Run) -> float:
    return sum(stage.processor for stage in measured.stages.values())
