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
    seen: dict[int, Run] = {}
    for tokens in LENGTHS:
        with tempfile.TemporaryDirectory() as folder:
            corpus = run("long_corpus", tokens=tokens, folder=folder).result
            seen[tokens] = run("build", stop_above=STOP, corpus=corpus, folder=folder)
    figures = []
    whole = [tokens for tokens in LENGTHS if seen[tokens].result]
    if len(whole) > 1:
        ends = (whole[0], whole[-1])
        span = f"{ends[0]:,} to {ends[1]:,} tokens"
        data = (seen[ends[0]].result["bytes"], seen[ends[1]].result["bytes"])
        memory = (growth(seen[ends[0]]), growth(seen[ends[1]]))
        figures.append(
            Figure(f"bytes, {span}", exponent(ends, data), "exponent", "limit", EXPONENT, 1)
        )
        figures.append(
            Figure(f"memory, {span}", exponent(ends, memory), "exponent", "limit", EXPONENT, 1)
        )
    figures.append(
        Figure(
            f"peak memory at {LENGTHS[-1]:,}",
            seen[LENGTHS[-1]].peak / 1e6,
            "MB",
            "limit",
            MEMORY,
            1,
        )
    )
    columns = ("tokens", "data MB", "MB above the start", "peak MB", "seconds", "")
    return Result(columns, [row(tokens, one) for tokens, one in seen.items()], figures)


def growth(seen: Run) -> int:
    """Bytes held at the peak, above the most that importing and loading held."""
    return seen.peak - seen.stages[START].peak


def row(tokens: int, seen: Run) -> tuple[Cell, ...]:
    data = seen.result["bytes"] / 1e6 if seen.result else None
    stopped = "" if seen.result else f"stopped at {STOP / 1e9:.0f} GB"
    return (tokens, data, growth(seen) / 1e6, seen.peak / 1e6, seen.seconds, stopped)
