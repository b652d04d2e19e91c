"""What a corpus of 100,000 tokens through 144 heads holds in memory at once, and writes."""

from __future__ import annotations

import tempfile

from tests.benchmarks.figures import Cell, Figure, Result
from tests.benchmarks.processes import run

TOKENS = 100_000
MEMORY = 1200.0
"""Most MB above the model's weights."""


def measure() -> Result:
    """sentences of 100,000 tokens through MiniLM's layers twice, 144 heads with maps by PCA: the
    most memory above the model's weights"""
    with tempfile.TemporaryDirectory() as folder:
        deep = run("deep_corpus", tokens=TOKENS, folder=folder).result
        measured = run("build", corpus=deep["corpus"], folder=folder)
    rows: list[tuple[Cell, ...]] = [
        (name, stage.processor, stage.seconds, stage.peak / 1e6)
        for name, stage in measured.stages.items()
    ]
    result = measured.result
    above = (measured.peak - deep["weights"]) / 1e6
    figure = Figure(f"memory, {result['tokens']:,} tokens", above, "MB", "limit", MEMORY, 1)
    rows.append(("data, MB", result["bytes"] / 1e6, None, None))
    rows.append(("weights, MB", deep["weights"] / 1e6, None, None))
    return Result(("stage", "processor s", "seconds", "peak MB"), rows, [figure])
