"""What it takes to put every head at zero in turn, in processor time on one thread."""

from __future__ import annotations

from statistics import median

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.processes import run
from tests.benchmarks.stages import QUICKSTART

ROUNDS = 5
EXPECTED = 25.0


def measure() -> Result:
    """MiniLM's 72 heads put at zero on the quickstart's texts, against one forward pass over these
    in the batches of a build: median of five passes, before and after"""
    measured = run("effects", corpus=str(QUICKSTART), rounds=ROUNDS).result
    one = median(measured["forward"])
    rows = [
        ("one forward pass", one, 1.0),
        ("all heads at zero", measured["zero"], measured["zero"] / one),
        ("their controls, too", measured["controls"], measured["controls"] / one),
    ]
    figure = Figure(
        f"{measured['heads']} heads at zero", measured["zero"], "s", "one pass", one, EXPECTED
    )
    columns = (f"{measured['tokens']:,} tokens", "s", "passes")
    return Result(columns, [tuple(row) for row in rows], [figure])
