"""Builds that are disturbed: killed, two at once, on a disk that is full or may not be written, and
with a damaged cache."""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

from attnviz.reader.check import inspect
from attnviz.reader.report import open_report
from tests.benchmarks.faults.ground import (
    MEMORY,
    SECONDS,
    Ground,
    fault_of_end,
    fault_of_report,
)
from tests.fixtures.forked import Stop, finish, run_forked, start


def kill(ground: Ground, number: int, chance: random.Random) -> str | None:
    """Killed at a change to a file, from nothing or over an older report; then the same again."""
    publishing = number % 2 == 1
    with ground.folder(f"kill-{number}") as folder:
        out, cache = folder / "out", folder / "cache"
        if publishing:
            shutil.copytree(ground.report("old"), out)
            shutil.copytree(ground.cache("new"), cache)
        total = ground.changes["with its work done" if publishing else "from nothing"]
        args = ground.arguments("new", out, cache)
        stop = Stop("kill", chance.randint(1, total))
        end = run_forked(args, folder, stop, seconds=SECONDS, memory=MEMORY)
        if end.code not in (-9, 0):
            return f"at change {stop.at}: {fault_of_end(end, (-9, 0))}"
        if (out / "index.html").exists() and (fault := _fault_of_reading(out, publishing)):
            return f"after change {stop.at} {fault}"
        again = run_forked(args, folder, seconds=SECONDS, memory=MEMORY)
        fault = fault_of_end(again, (0,)) or fault_of_report(out, ground, "new")
        return fault and f"at change {stop.at}, built again: {fault}"


def _fault_of_reading(folder: Path, publishing: bool) -> str | None:
    """What a reader who comes now finds wrong. Files that are there still, or already, and that no
    manifest names, are none of his business."""
    faults = [
        fault for fault in inspect(folder).faults if "is not named in the manifest" not in fault
    ]
    if faults:
        return f"a reader finds: {faults[0][:200]}"
    title = open_report(folder).manifest.title
    return None if title == "new" or (publishing and title == "old") else f"the title is {title}"


def two_builds(ground: Ground, number: int, chance: random.Random) -> str | None:
    """Two builds of different corpora into one folder, the second a moment after the first."""
    with ground.folder(f"two-{number}") as folder:
        out, names = folder / "out", ("old", "new") if number % 2 else ("new", "old")
        pids = []
        for name in names:
            place = folder / name
            shutil.copytree(ground.cache(name), place / "cache")
            pids.append(start(ground.arguments(name, out, place / "cache"), place, memory=MEMORY))
            time.sleep(chance.uniform(0, 0.4))
        ends = [finish(pid, folder / name, SECONDS) for pid, name in zip(pids, names, strict=True)]
        faults = [fault for end in ends if (fault := fault_of_end(end, (0, 2)))]
        if all(end.code == 2 for end in ends):
            faults.append(f"both were refused: {ends[0].err[-200:]}")
        done = [name for name, end in zip(names, ends, strict=True) if end.code == 0]
        return next(iter(faults), None) or fault_of_report(out, ground, *done)


def full_disk(ground: Ground, number: int, chance: random.Random) -> str | None:
    """A disk that is full from some change on, as a report is written or as its work is kept."""
    return _refused_writes(ground, number, chance, "full", "the disk is full")


def read_only(ground: Ground, number: int, chance: random.Random) -> str | None:
    """A folder that may not be written from some change on: the report's or the cache's."""
    return _refused_writes(ground, number, chance, "read-only", "Read-only file system")


def _refused_writes(
    ground: Ground, number: int, chance: random.Random, how: str, words: str
) -> str | None:
    with ground.folder(f"{how}-{number}") as folder:
        out, cache = folder / "out", folder / "cache"
        shutil.copytree(ground.report("old"), out)
        if number % 2:
            shutil.copytree(ground.cache("new"), cache)
        # A report is written in its folder or beside it.
        place, total = (folder, ground.changes["with its work done"]) if number % 2 else (cache, 40)
        at = 1 if how == "read-only" and number % 4 < 2 else chance.randint(1, max(1, total // 3))
        args = ground.arguments("new", out, cache)
        end = run_forked(args, folder, Stop(how, at, place), seconds=SECONDS, memory=MEMORY)
        if end.code == 0:  # the change was one that may fail, such as of what is removed
            return fault_of_report(out, ground, "new")
        # What has begun cannot be taken away from a folder that may no longer be written.
        fault = fault_of_end(end, (2,), words) or fault_of_report(
            out, ground, "old", may_have_begun=how == "read-only"
        )
        if fault:
            return f"{place.name}, from change {at}: {fault}"
        again = run_forked(args, folder, seconds=SECONDS, memory=MEMORY)
        return fault_of_end(again, (0,)) or fault_of_report(out, ground, "new")


def damaged_cache(ground: Ground, number: int, chance: random.Random) -> str | None:
    """A damaged file of the cache: the report is the same, and the damage is said where it is
    met."""
    with ground.folder(f"cache-{number}") as folder:
        cache = folder / "cache"
        shutil.copytree(ground.cache("new"), cache)
        file = chance.choice(sorted(path for path in cache.rglob("*") if path.is_file()))
        content = bytearray(file.read_bytes())
        way = chance.choice(["flip", "cut", "empty", "missing", "other", "longer"])
        if way == "flip" and content:
            content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)
        elif way == "cut":
            del content[chance.randrange(max(1, len(content))) :]
        elif way == "empty":
            content.clear()
        elif way == "other":
            content[:] = chance.randbytes(len(content))
        elif way == "longer":
            content += b"\0"
        file.unlink()
        if way != "missing":
            file.write_bytes(content)
        args = ground.arguments("new", folder / "out", cache)
        end = run_forked(args, folder, seconds=SECONDS, memory=MEMORY)
        fault = fault_of_end(end, (0,)) or fault_of_report(folder / "out", ground, "new")
        return fault and f"{file.relative_to(cache)} {way}: {fault}"
