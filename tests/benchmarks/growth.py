"""Growth with the number of documents: memory is that of a batch and a head, time that of the
tokens."""

from __future__ import annotations

import tempfile

from tests.benchmarks.figures import Figure, Result, exponent
from tests.benchmarks.processes import START, Run, run

TOKENS = (13_000, 52_000)
MEMORY, TIME = 0.1, 1.05


def measure() -> Result:
    """sentences through two layers of MiniLM, 24 heads with maps by PCA: how memory and processor
    time grow from 13,000 to 52,000 tokens, as exponents"""
    runs: dict[int, Run] = {}
    for tokens in TOKENS:
        with tempfile.TemporaryDirectory() as folder:
            corpus = run("wide_corpus", tokens=tokens, folder=folder).result
            measured = run("build", corpus=corpus, folder=folder)
            runs[measured.result["tokens"]] = measured
    fewer, more = runs
    span = f"{fewer:,} to {more:,} tokens"
    memory = (runs[fewer].peak, runs[more].peak)
    seconds = (spent(runs[fewer]), spent(runs[more]))
    figures = [
        Figure(f"memory, {span}", exponent((fewer, more), memory), "exponent", "limit", MEMORY, 1),
        Figure(f"time, {span}", exponent((fewer, more), seconds), "exponent", "limit", TIME, 1),
    ]
    rows = [
        (tokens, each.result["bytes"] / 1e6, each.peak / 1e6, spent(each), each.seconds)
        for tokens, each in runs.items()
    ]
    return Result(("tokens", "data MB", "peak MB", "processor s", "seconds"), rows, figures)


def spent(measured: Run) -> float:
    """Processor seconds after the start."""
    stages = measured.stages.items()
    return sum(stage.processor for name, stage in stages if name != START)
