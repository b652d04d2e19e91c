"""Growth with the length of a document: linear, if nothing of T × T is made."""

from __future__ import annotations

import tempfile

from tests.benchmarks.figures import Cell, Figure, Result, exponent
from tests.benchmarks.processes import START, Run, run

LENGTHS = (512, 2048, 8192)
EXPONENT, MEMORY = 1.1, 4000.0
STOP = 6e9


def measure() -> Result:
    """one document through a small decoder: how bytes and memory grow from 512 to 8,192 tokens, as
    exponents"""
    runs: dict[int, Run] = {}
    for tokens in LENGTHS:
        with tempfile.TemporaryDirectory() as folder:
            corpus = run("long_corpus", tokens=[tokens], folder=folder).result
            runs[tokens] = run("build", stop_above=STOP, corpus=corpus, folder=folder)
    figures = []
    finished = [tokens for tokens in LENGTHS if runs[tokens].result]
    if len(finished) > 1:
        ends = (finished[0], finished[-1])
        span = f"{ends[0]:,} to {ends[1]:,} tokens"
        data = (runs[ends[0]].result["bytes"], runs[ends[1]].result["bytes"])
        memory = (growth(runs[ends[0]]), growth(runs[ends[1]]))
        figures.append(
            Figure(f"bytes, {span}", exponent(ends, data), "exponent", "limit", EXPONENT, 1)
        )
        figures.append(
            Figure(f"memory, {span}", exponent(ends, memory), "exponent", "limit", EXPONENT, 1)
        )
    figures.append(
        Figure(
            f"peak memory at {LENGTHS[-1]:,}",
            runs[LENGTHS[-1]].peak / 1e6,
            "MB",
            "limit",
            MEMORY,
            1,
        )
    )
    columns = ("tokens", "data MB", "MB above the start", "peak MB", "seconds", "")
    return Result(columns, [row(tokens, measured) for tokens, measured in runs.items()], figures)


def growth(measured: Run) -> int:
    """Bytes at the peak, above the most that importing and loading needed."""
    return measured.peak - measured.stages[START].peak


def row(tokens: int, measured: Run) -> tuple[Cell, ...]:
    data = measured.result["bytes"] / 1e6 if measured.result else None
    stopped = "" if measured.result else f"stopped at {STOP / 1e9:.0f} GB"
    return (tokens, data, growth(measured) / 1e6, measured.peak / 1e6, measured.seconds, stopped)
