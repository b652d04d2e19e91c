"""One bit of one file of a report flipped: `check` names the file."""

from __future__ import annotations

import os
import random
import shutil
from collections import defaultdict
from pathlib import Path

from attnviz.errors import ReportError
from attnviz.reader.check import check
from attnviz.reader.report import open_report
from tests.benchmarks.faults.ground import Ground


def flip(ground: Ground, number: int, chance: random.Random) -> str | None:
    """A bit of a file, the kinds of files in turn."""
    folder = _copy(ground)
    kinds = _kinds(ground)
    file = folder / chance.choice(kinds[sorted(kinds)[number % len(kinds)]])
    content = file.read_bytes()
    if not content:
        return None
    place, bit = chance.randrange(len(content)), chance.randrange(8)
    changed = bytearray(content)
    changed[place] ^= 1 << bit
    file.write_bytes(changed)
    name = file.relative_to(folder).as_posix()
    try:
        fault = _fault(folder, name)
    finally:
        file.write_bytes(content)
    return fault and f"{name}, byte {place}, bit {bit}: {fault}"


def _fault(folder: Path, name: str) -> str | None:
    try:
        faults = check(folder)
    except Exception as error:
        return f"check ends in {type(error).__name__}: {error}"
    if not faults:
        return "check finds nothing"
    if name not in " ".join(faults) and name.removesuffix(".js") not in " ".join(faults):
        return f"check names another file: {faults[0][:150]}"
    try:
        open_report(folder)
    except ReportError:
        pass
    except Exception as error:
        return f"open_report ends in {type(error).__name__}: {error}"
    return None


def _copy(ground: Ground) -> Path:
    """A copy of the report for this process."""
    folder = ground.root / f"flipped-{os.getpid()}"
    if not folder.exists():
        shutil.copytree(ground.report("new"), folder)
    return folder


def _kinds(ground: Ground) -> dict[str, list[str]]:
    """A report's files by folder and ending."""
    kinds = defaultdict(list)
    for name in sorted(ground.files["new"]):
        path = Path(name)
        kinds[f"{path.parts[0] if path.parent.name else ''}*{''.join(path.suffixes[-2:])}"].append(
            name
        )
    return dict(kinds)
