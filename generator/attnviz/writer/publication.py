"""Put a report in its place, so that every reader sees the old report or the new one.

The report is written whole beside its place, and the two folders exchange their names in one step.
Where that cannot be, it is written in place: hashed files first, manifest and index.html last, and
while these are renamed no head page is there; readers refuse a manifest that index.html does not
name. A build that fails leaves what was there before.
"""

from __future__ import annotations

import errno
import os
import re
import shutil
import stat
import uuid
from collections.abc import Iterable, Mapping
from functools import partial
from pathlib import Path
from typing import Final

from attnviz.engine.digests import file_digest
from attnviz.format.manifest import Shard, Site
from attnviz.format.twins import twin, twin_path
from attnviz.writer.claim import MARKER, explained
from attnviz.writer.exchange import exchange, sync
from attnviz.writer.in_place import replace_files
from attnviz.writer.outputs import TEMPORARY, Output, holds

_NAMES: Final = re.compile(
    r"index\.html|heads\.html|story\.html|story\.md|llms\.txt|manifest\.schema\.json|manifest\.json|manifest\.js"
    r"|\.nojekyll|\.attnviz|data/[^/]+\.arrow(\.js)?|assets/[^/]+|heads/[^/]+/[^/]+\.html"
)
"""Paths of files that a report has; what else lies in its folder is somebody's."""


def publish(
    out: Path, shards: Iterable[tuple[Path, Shard]], files: Mapping[str, bytes], site: Site
) -> int:
    """Write a whole report to `out`, which is this build's; returns its bytes, twins and pages
    included.

    `shards` are (folder that holds it, entry); `files` are the other files' contents by path;
    `site` says whether shards are written as they are, as twins, or both.

    InputError if the disk is full: the old report stands.
    """
    entries = list(shards)
    place = out.resolve()
    others = (Output(path, content.__bytes__) for path, content in files.items())
    outputs = [*_shard_outputs(entries, site), *others]
    try:
        _refuse_small_disk(place, entries, site)
        _remove_abandoned(place)
        return _exchanged(place, outputs) or replace_files(place, outputs)
    except OSError as error:
        raise explained(error, out) from error


def is_of_report(path: str) -> bool:
    """Whether a report has a file of this path."""
    return _NAMES.fullmatch(path) is not None


def digests_of(out: Path) -> dict[str, str]:
    """The SHA-256 of each file of a report that lies in `out`, by path."""
    return {
        path: file_digest(out / path).hex()
        for path in sorted(_paths(out))
        if _NAMES.fullmatch(path) and path != MARKER and (out / path).is_file()
    }


def _shard_outputs(shards: list[tuple[Path, Shard]], site: Site) -> Iterable[Output]:
    for folder, entry in shards:
        if site.with_shards:
            yield Output(entry.path, (folder / entry.path).read_bytes)
        if site.with_twins:
            yield Output(twin_path(entry.path), partial(_twin, folder, entry.path))


def _twin(folder: Path, path: str) -> bytes:
    return twin(path, (folder / path).read_bytes())


def _refuse_small_disk(out: Path, shards: list[tuple[Path, Shard]], site: Site) -> None:
    needed = 0
    for _, entry in shards:
        if site.with_shards and not (out / entry.path).exists():
            needed += entry.bytes
        if site.with_twins and not (out / twin_path(entry.path)).exists():
            needed += entry.bytes * 4 // 3
    free = shutil.disk_usage(out).free
    if needed > free:
        raise OSError(errno.ENOSPC, f"needs {needed / 1e6:.1f} MB, {free / 1e6:.1f} MB are free")


def _remove_abandoned(out: Path) -> None:
    """Remove what a killed build wrote beside the report. Only who has claimed it writes there."""
    for folder in out.parent.glob(f".{out.name}.*"):
        if TEMPORARY.fullmatch(folder.name) and (folder / MARKER).is_file():
            shutil.rmtree(folder, ignore_errors=True)


def _exchanged(out: Path, outputs: list[Output]) -> int | None:
    """The report's bytes, after it took the place of `out` in one step; None where that cannot
    be, and `out` is as it was."""
    if not _may_be_exchanged(out):
        return None
    fresh = out.with_name(f".{out.name}.{uuid.uuid4().hex}")
    try:
        fresh.mkdir()
        os.link(out / MARKER, fresh / MARKER)  # the lock is on the file, so it goes along
    except OSError:
        shutil.rmtree(fresh, ignore_errors=True)
        return None
    try:
        written = [output.path for output in outputs if _write(fresh, output, out)]
        total = sum((fresh / output.path).stat().st_size for output in outputs)
        if not written and _paths(out) == _paths(fresh):
            return total
        shutil.copystat(out, fresh)
        sync([*(fresh / path for path in written), *_folders(fresh)])
        try:
            exchange(fresh, out)
        except OSError:
            return None
        sync([out.parent])
        return total
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _may_be_exchanged(out: Path) -> bool:
    """Whether nobody misses the folder itself: it holds files of the report alone, belongs to who
    builds, and no one is known to stand or to be mounted in it."""
    about = out.stat()
    return (
        all(_NAMES.fullmatch(path) for path in _paths(out))
        and not Path.cwd().is_relative_to(out)
        and not out.is_mount()
        and (not hasattr(os, "geteuid") or about.st_uid == os.geteuid())
        and stat.S_ISDIR(about.st_mode)
    )


def _paths(folder: Path) -> set[str]:
    """The paths of all files and links of a folder, and of empty folders; not those that a killed
    build left."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if not TEMPORARY.fullmatch(path.name)
        and (path.is_symlink() or not path.is_dir() or not any(path.iterdir()))
    }


def _folders(folder: Path) -> list[Path]:
    return [folder, *(path for path in folder.rglob("*") if path.is_dir())]


def _write(fresh: Path, output: Output, out: Path) -> bool:
    """Write a file of the new folder, or take it over from the old one, which holds just this.
    Returns whether it was written."""
    target, content = fresh / output.path, output.content()
    target.parent.mkdir(parents=True, exist_ok=True)
    if holds(out / output.path, content):
        try:
            os.link(out / output.path, target)
            return False
        except OSError:  # too many links, or none across what is mounted
            pass
    target.write_bytes(content)
    return True
