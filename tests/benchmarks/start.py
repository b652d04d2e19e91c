"""What a command takes before it does anything, and a build that has little or nothing to do."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.benchmarks.figures import Cell, Figure, Result
from tests.benchmarks.stages import QUICKSTART

ROUNDS = 5
IMPORTS = ("-c", "import torch, transformers")
HELP, NOTHING, TITLE = 0.3, 2.0, 3.0
"""Processor seconds at most."""


def measure() -> Result:
    """processor seconds of help, of a build of the quickstart where nothing changed, and of one
    with another title, against importing torch and transformers and against limits"""
    with tempfile.TemporaryDirectory() as folder:
        build = [str(QUICKSTART), "--quiet", "--out", f"{folder}/out", "--cache", f"{folder}/cache"]
        command = ("-m", "attnviz.cli", "build", *build)
        whole = seconds(*command)
        imports = min(seconds(*IMPORTS) for _ in range(ROUNDS))
        spent = {
            "attnviz --help": min(seconds("-m", "attnviz.cli", "--help") for _ in range(ROUNDS)),
            "nothing changed": min(seconds(*command) for _ in range(ROUNDS)),
            "another title": min(
                seconds(*command, "--title", f"Title {number}") for number in range(ROUNDS)
            ),
        }
    limits = dict(zip(spent, (HELP, NOTHING, TITLE), strict=True))
    figures = [Figure(name, spent[name], "s", "limit", limits[name], 1) for name in spent]
    figures += [
        Figure(name, spent[name], "s", "imports", imports, limits[name] / 2) for name in spent
    ]
    figures.append(Figure("nothing changed", spent["nothing changed"], "s", "whole", whole, 0.02))
    rows: list[tuple[Cell, ...]] = [("a whole build", whole), ("imports", imports)]
    return Result(("", "processor s"), [*rows, *spent.items()], figures)


def seconds(*arguments: str) -> float:
    """Processor seconds of a Python process and of all that it starts."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    root = Path(__file__).parents[2]
    command = [sys.executable, *arguments]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, cwd=root, env=os.environ)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
