"""What capture costs, in processor time on one thread: what else the machine does hardly counts
then."""

from __future__ import annotations

import tempfile
from statistics import median

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.processes import run
from tests.benchmarks.stages import QUICKSTART

ROUNDS = 7
EXPECTED = 1.2


def measure() -> Result:
    """the quickstart's batches through MiniLM, against a plain forward by SDPA: medians of rounds
    that take turns"""
    with tempfile.TemporaryDirectory() as folder:
        measured = run("capture", corpus=str(QUICKSTART), folder=folder, rounds=ROUNDS)
    seconds = measured.result["seconds"]
    rows = [(way, median(rounds), min(rounds), max(rounds)) for way, rounds in seconds.items()]
    plain = median(seconds["plain SDPA"])
    figure = Figure("capture", median(seconds["capture"]), "s", "plain SDPA", plain, EXPECTED)
    return Result(
        (f"{measured.result['tokens']:,} tokens", "median s", "least s", "most s"), rows, [figure]
    )
