"""What a change of one document costs where the rest of a corpus has been built."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.processes import Run, run
from tests.benchmarks.stages import QUICKSTART

SHARE = 0.2
"""Of a fresh build."""

SENTENCE = "The Rabbit took a watch out of its waistcoat-pocket, and looked at it."


def measure() -> Result:
    """one document of the quickstart's 126 added, edited and removed, one after the other, against
    a build of it from nothing, in processor seconds"""
    with tempfile.TemporaryDirectory() as folder:
        corpus = shutil.copy(QUICKSTART, folder)
        texts = Path(shutil.copytree(QUICKSTART.parent / "quickstart", Path(folder, "quickstart")))
        runs = {"from nothing": run("build", corpus=corpus, folder=folder)}
        for name, change in CHANGES.items():
            change(texts)
            runs[name] = run("build", corpus=corpus, folder=folder)
    stages = dict.fromkeys(name for each in runs.values() for name in each.stages)
    rows = [
        (name, *(_spent(each, name) for each in runs.values()))
        for name in [*stages, "all together"]
    ]
    whole = _spent(runs["from nothing"], "all together")
    figures = [
        Figure(name, _spent(runs[name], "all together"), "s", "from nothing", whole, SHARE)
        for name in CHANGES
    ]
    return Result(("processor s", *runs), rows, figures)


def _spent(measured: Run, name: str) -> float:
    """Processor seconds of a stage, or of all; 0 of one that had nothing to do."""
    stages = measured.stages
    if name in stages:
        return stages[name].processor
    return sum(stage.processor for stage in stages.values()) if name == "all together" else 0.0


def _add(texts: Path) -> None:
    """A sentence of its own among the others of the first book: all documents after it get other
    numbers."""
    _rewrite(texts / "alice.txt", lambda lines: [*lines[:5], SENTENCE, *lines[5:]])


def _edit(texts: Path) -> None:
    """A sentence made one word longer."""
    _rewrite(texts / "moby-dick.txt", lambda lines: [*lines[:4], f"Indeed {lines[4]}", *lines[5:]])


def _remove(texts: Path) -> None:
    _rewrite(texts / "pride-and-prejudice.txt", lambda lines: [*lines[:7], *lines[8:]])


def _rewrite(file: Path, change: Callable[[list[str]], list[str]]) -> None:
    lines = change(file.read_text("utf-8").splitlines())
    file.write_text("\n".join(lines) + "\n", "utf-8")


CHANGES: dict[str, Callable[[Path], None]] = {
    "one added": _add,
    "one edited": _edit,
    "one removed": _remove,
}
