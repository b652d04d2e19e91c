"""Locks on files and folders that end with their process, however that ends: no number of a process
is compared, so that a container's process 1, or a number used again, is never taken for another."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path


class Busy(Exception):
    """Another process has the lock."""


@dataclass(frozen=True)
class Lock:
    """A lock on what has this descriptor."""

    descriptor: int

    def release(self) -> None:
        os.close(self.descriptor)


def try_lock(path: Path, *, shared: bool = False, wait: bool = False) -> Lock | None:
    """A lock on a file or folder that is there; None where the system or its file system has none.

    `shared` lets others share it too; `wait` waits for it. Raises Busy if another process has it.
    """
    try:
        import fcntl
    except ImportError:  # Windows
        return None
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        fcntl.flock(descriptor, kind if wait else kind | fcntl.LOCK_NB)
    except OSError as error:
        os.close(descriptor)
        if isinstance(error, BlockingIOError):
            raise Busy from error
        return None
    return Lock(descriptor)


@contextmanager
def locked(
    path: Path, make: Callable[[], object], *, shared: bool = False, wait: bool = False
) -> Iterator[Lock | None]:
    """The lock on what `make` makes at a path, where it is not there; see `try_lock`.

    What was locked is what is there: another process may take it away before it is locked.
    """
    lock: Lock | None = None
    while True:
        make()
        try:
            lock = try_lock(path, shared=shared, wait=wait)
            if lock is None or os.path.samestat(os.fstat(lock.descriptor), path.stat()):
                break
        except FileNotFoundError:
            pass
        _release(lock)
    try:
        yield lock
    finally:
        _release(lock)


def _release(lock: Lock | None) -> None:
    if lock is not None:
        with contextlib.suppress(OSError):
            lock.release()
