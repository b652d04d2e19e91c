"""A report's folder as one build's alone, from before anything is computed until it is
published."""

from __future__ import annotations

import contextlib
import errno
import getpass
import json
import os
import platform
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from attnviz.engine.locks import Busy, Lock, locked
from attnviz.errors import InputError
from attnviz.format.manifest import FORMAT

MARKER: Final = ".attnviz"
"""The first file that a build writes. While one is at work it says whose, and has a lock."""

_LONGEST_OWNER: Final = 300
"""Bytes."""


@contextmanager
def claimed(out: Path, note: Callable[[str], None]) -> Iterator[None]:
    """`out`, made if it is not there, for this build alone.

    InputError if another build has it, if it is a file, cannot be written, or holds something that
    is no report. What fails leaves no folder that was not there. `note` takes a sentence where the
    file system has no locks.
    """
    refuse_foreign(out)
    missing = [folder for folder in (out, *out.parents) if not folder.exists()]

    def make() -> None:
        out.mkdir(parents=True, exist_ok=True)
        (out / MARKER).touch()

    with ExitStack() as ending:
        try:
            lock = ending.enter_context(locked(out / MARKER, make))
            _sign(lock, _owner())
        except Busy:
            raise InputError(
                f"--out {out}: another build is writing there{_named(out)}; wait until it has"
                " ended, or name another folder"
            ) from None
        except OSError as error:
            raise explained(error, out) from error
        if lock is None:
            note(f"{out}: this file system has no locks; let no other build write there")
        try:
            yield
        finally:
            _sign(lock, "")
            if not (out / "manifest.json").exists():
                _take_away(out, missing)


def _sign(lock: Lock | None, owner: str) -> None:
    """Write into the marker whose it is; nothing once the build is over, as a report's bytes do not
    depend on who built it."""
    if lock is not None:
        os.ftruncate(lock.descriptor, 0)
        os.pwrite(lock.descriptor, owner.encode(), 0)


def _owner() -> str:
    """Who builds, in words."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):  # a number without a name, as in containers
        user = "?"
    since = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
    return f"process {os.getpid()} of {user} on {platform.node()}, since {since}"


def _named(out: Path) -> str:
    """The owner's name in brackets, where the marker has it."""
    with contextlib.suppress(OSError), (out / MARKER).open("rb") as marker:
        owner = marker.read(_LONGEST_OWNER).decode("utf-8", "replace")
        return f" ({owner})" if owner else ""
    return ""


def _take_away(out: Path, missing: list[Path]) -> None:
    """The beginnings of a first report, and the folders that were made for it."""
    (out / MARKER).unlink(missing_ok=True)
    for folder in missing:
        with contextlib.suppress(OSError):  # not empty
            folder.rmdir()


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
    probe = place / f"{MARKER}.{uuid.uuid4().hex}"
    try:
        probe.touch()
        probe.unlink(missing_ok=True)  # another build may just have exchanged the folder
    except OSError as error:
        raise explained(error, out) from error


def _ours(out: Path) -> bool:
    """Whether a folder is empty or a report, whole or not: the marker is the first file that a
    build writes."""
    if (out / MARKER).is_file() or all(path.name.startswith(MARKER) for path in out.iterdir()):
        return True
    try:
        return bool(json.loads((out / "manifest.json").read_bytes()).get("format") == FORMAT)
    except (OSError, ValueError, AttributeError):
        return False


def explained(error: OSError, out: Path) -> InputError:
    """What stops a folder from being written, as the user's to mend."""
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
