"""What it takes to put every head at zero in turn, in processor time on one thread and by the
clock on all processors, and what effects add to the quickstart."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from statistics import median

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.processes import Run, run
from tests.benchmarks.stages import CORES, DATA, QUICKSTART, SECONDS

ROUNDS = 5
EXPECTED = 25.0


def measure() -> Result:
    """MiniLM's 72 heads put at zero on the quickstart's texts, against one forward pass over these
    in the batches of a build: median of five passes, before and after; once in processor time on
    one thread, once by the clock, all processors at work: the pass on as many threads, the heads in
    as many processes, their start included. And the quickstart built from nothing with `effects:
    true` against the limits of one without"""
    measured = run("effects", corpus=str(QUICKSTART), rounds=ROUNDS).result
    one = median(measured["forward"])
    by_clock, built = median(measured["forward_by_clock"]), measured["built"]
    without, with_effects = _built(effects=False), _built(effects=True)
    rows = [
        ("one forward pass", one, 1.0, None),
        ("all heads at zero", measured["zero"], measured["zero"] / one, None),
        ("their controls, too", measured["controls"], measured["controls"] / one, None),
        (f"by the clock, a pass on {measured['threads']} threads", by_clock, 1.0, None),
        ("by the clock, all heads at zero", built, built / by_clock, None),
        *(
            (name, _spent(build), _spent(build) / one, build.result["bytes"] / 1e6)
            for name, build in (
                ("quickstart without effects", without),
                ("quickstart with effects", with_effects),
            )
        ),
    ]
    heads = f"{measured['heads']} heads at zero"
    seconds, each = with_effects.seconds, _spent(with_effects) / CORES
    figures = [
        Figure(heads, measured["zero"], "s", "one pass", one, EXPECTED),
        Figure(f"{heads} by the clock", built, "s", "one pass", by_clock, EXPECTED),
        Figure("quickstart with effects", seconds, "s", "limit", SECONDS, 1),
        Figure(f"the same, of {CORES} processors", each, "s each", "limit", SECONDS, 1),
        Figure("its data", with_effects.result["bytes"] / 1e6, "MB", "limit", DATA, 1),
    ]
    columns = (f"{measured['tokens']:,} tokens", "seconds", "passes", "data MB")
    return Result(columns, [tuple(row) for row in rows], figures)


def _built(effects: bool) -> Run:
    """The quickstart built from nothing."""
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(QUICKSTART.parent / "quickstart", Path(folder, "quickstart"))
        corpus = Path(folder, QUICKSTART.name)
        added = "\neffects: true\n" if effects else ""
        corpus.write_text(QUICKSTART.read_text("utf-8") + added, "utf-8")
        return run("build", corpus=str(corpus), folder=folder)


def _spent(build: Run) -> float:
    """Processor seconds of all stages together."""
    return sum(stage.processor for stage in build.stages.values())
