"""What each stage costs of a long document, beside capturing it."""

from __future__ import annotations

import tempfile

from tests.benchmarks.figures import Cell, Figure, Result
from tests.benchmarks.processes import run

LENGTHS = (512, 8192)
EXPECTED = {"statistics": 16.0, "compare": 6.0, "encode": 5.0}
"""Most processor seconds of a stage, over those of capture."""


def measure() -> Result:
    """documents of 512 and 8,192 tokens through 8 heads: processor seconds of each stage, over
    those of capture in the same run"""
    with tempfile.TemporaryDirectory() as folder:
        corpus = run("long_corpus", tokens=LENGTHS, folder=folder).result
        stages = run("build", corpus=corpus, folder=folder).stages
    spent = {name.split()[0]: stage.processor for name, stage in stages.items()}
    rows: list[tuple[Cell, ...]] = [(name, stage.processor) for name, stage in stages.items()]
    figures = [
        Figure(name, spent[name], "s", "capture", spent["capture"], expected)
        for name, expected in EXPECTED.items()
    ]
    return Result(("stage", "processor s"), rows, figures)
