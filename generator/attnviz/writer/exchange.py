"""Two folders exchange their names in one step, and files reach the disk."""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, Final

_HERE: Final = -100  # AT_FDCWD
_EXCHANGE: Final = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS
_THREADS: Final = 16
"""Journals take what several ask for at once: 200 files in 0.02 s, one after another in 1 s."""


def exchange(first: Path, second: Path) -> None:
    """Let two folders exchange their names: at every moment either name leads to one of them.
    Raises OSError where the system or the file system cannot."""
    names = [os.fsencode(first), os.fsencode(second)]
    try:
        library = _library()
        if sys.platform == "darwin":
            failed = library.renamex_np(*names, _EXCHANGE)
        else:
            failed = library.renameat2(_HERE, names[0], _HERE, names[1], _EXCHANGE)
    except (AttributeError, TypeError) as error:  # Windows, or an old C library
        raise OSError(errno.ENOSYS, "folders cannot be exchanged here") from error
    if failed:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), str(first))


def _library() -> Any:
    """The C library."""
    return ctypes.CDLL(None, use_errno=True)


def sync(paths: Iterable[Path]) -> None:
    """Wait until files and folders are on the disk, so that no power cut takes what a later rename
    leads to."""
    with ThreadPoolExecutor(_THREADS) as pool:
        list(pool.map(_sync, paths))


def _sync(path: Path) -> None:
    if path.is_dir() and os.name == "nt":  # where a folder cannot be opened
        return
    descriptor = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):  # file systems without such
            raise
    finally:
        os.close(descriptor)
