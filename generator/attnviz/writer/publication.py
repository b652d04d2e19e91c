"""Put a report in its place: hashed files first, manifest and index.html last by rename, then what
is old goes.

A reader sees the old report or the new one; a build that fails leaves what was there before.
"""

from __future__ import annotations

import errno
import hashlib
import json
import re
import shutil
import uuid
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from attnviz.errors import InputError
from attnviz.format.manifest import FORMAT, Shard
from attnviz.format.shards import twin

_LAST: Final = ("manifest.js", "manifest.json", "index.html")
_MARKER: Final = ".attnviz"
_TEMPORARY: Final = re.compile(r"\..+\.(\d+|[0-9a-f]{32})")
"""Names of files beside their places, which a killed build leaves."""


def refuse_foreign(out: Path) -> None:
    """InputError if `out` is a file, cannot be written, or holds something that is no report.
    Leaves no trace."""
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: is a file; expected a folder")
    if out.is_dir() and not _ours(out):
        raise InputError(
            f"--out {out}: holds files that are no attnviz report; name an empty or a new folder"
        )
    place = next(folder for folder in (out, *out.absolute().parents) if folder.exists())
    probe = place / f"{_MARKER}.{uuid.uuid4().hex}"
    try:
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise _explained(error, out) from error


def _ours(out: Path) -> bool:
    """Whether a folder is empty or a report, whole or not: the marker is the first file that a
    build writes."""
    if (out / _MARKER).is_file() or all(path.name.startswith(_MARKER) for path in out.iterdir()):
        return True
    try:
        return bool(json.loads((out / "manifest.json").read_bytes()).get("format") == FORMAT)
    except (OSError, ValueError, AttributeError):
        return False


def publish(out: Path, shards: Iterable[tuple[Path, Shard]], files: Mapping[str, bytes]) -> int:
    """Write a whole report to `out`; returns its bytes, twins and pages included.

    `shards` are (folder that holds it, entry); `files` are the other files' contents by path.
    Everything is written beside its place first and renamed when all of it is there. InputError if
    the disk is full: the old report stands.
    """
    refuse_foreign(out)
    entries = list(shards)
    staged: dict[Path, Path] = {}
    try:
        out.mkdir(parents=True, exist_ok=True)
        (out / _MARKER).touch()
        total = _stage_shards(out, entries, staged)
        for path in (*sorted(files.keys() - set(_LAST)), *_LAST):
            total += _stage(out / path, files[path], staged)
        for place, temporary in staged.items():
            temporary.replace(place)
    except BaseException as error:
        _withdraw(out, staged)
        if isinstance(error, OSError):
            raise _explained(error, out) from error
        raise
    keep = {out / entry.path for _, entry in entries} | {
        out / f"{entry.path}.js" for _, entry in entries
    }
    _prune(out, keep | {out / path for path in files})
    return total


def _stage_shards(out: Path, shards: list[tuple[Path, Shard]], staged: dict[Path, Path]) -> int:
    needed = sum(
        2 * entry.bytes + entry.bytes // 3 for _, entry in shards if not (out / entry.path).exists()
    )
    free = shutil.disk_usage(out).free
    if needed > free:
        raise OSError(errno.ENOSPC, f"needs {needed / 1e6:.1f} MB, {free / 1e6:.1f} MB are free")
    total = 0
    for folder, entry in shards:
        content = (folder / entry.path).read_bytes()
        total += _stage(out / entry.path, content, staged)
        total += _stage(out / f"{entry.path}.js", twin(entry.path, content), staged)
    return total


def _stage(path: Path, content: bytes, staged: dict[Path, Path]) -> int:
    """Write beside `path`, unless it already holds just this; `staged` has the temporary file by
    its place."""
    if (
        not path.exists()
        or path.stat().st_size != len(content)
        or _digest(path.read_bytes()) != _digest(content)
    ):
        path.parent.mkdir(parents=True, exist_ok=True)
        staged[path] = path.with_name(f".{path.name}.{uuid.uuid4().hex}")
        staged[path].write_bytes(content)
    return len(content)


def _withdraw(out: Path, staged: dict[Path, Path]) -> None:
    """Take away what was not renamed, and the beginnings of a first report."""
    for temporary in staged.values():
        temporary.unlink(missing_ok=True)
    if not (out / "manifest.json").exists():
        (out / _MARKER).unlink(missing_ok=True)
        for folder in sorted((path for path in out.rglob("*") if path.is_dir()), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _explained(error: OSError, out: Path) -> InputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        detail = f" ({error.strerror})" if error.strerror else ""
        return InputError(
            f"--out {out}: the disk is full{detail}; what stood there before is intact: "
            "free some space and run the same command again"
        )
    return InputError(
        f"--out {out}: cannot be written ({error.strerror}); what stood there before is intact:"
        " name another folder"
    )


def _prune(out: Path, keep: set[Path]) -> None:
    """Remove what earlier builds wrote and this one does not name. Files of other kinds are left
    alone."""
    for pattern in (
        "data/*.arrow",
        "data/*.arrow.js",
        "assets/*",
        "heads/*/*.html",
    ):
        for path in out.glob(pattern):
            if path not in keep and path.is_file():
                path.unlink()
    for path in out.glob("**/.*"):
        if _TEMPORARY.fullmatch(path.name) and path.is_file():
            path.unlink()
    for folder in sorted((out / "heads").glob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
