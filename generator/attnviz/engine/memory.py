"""The build's memory: finished pieces of work under the hash of everything they depend on.

A piece is a folder that is made under a temporary name and appears by rename, so that a killed
build leaves whole pieces or none.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import inspect
import json
import os
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from attnviz.errors import InputError

_PIECE: Final = re.compile(r"[0-9a-f]{32}|\.[0-9a-f]{32}\.\d+")


def key_of(*parts: Any) -> str:
    """A key, 32 hexadecimal digits, from JSON values and source modules: change any of them and the
    key changes."""
    digest = hashlib.sha256()
    for part in parts:
        text = (
            inspect.getsource(part)
            if isinstance(part, ModuleType)
            else json.dumps(part, sort_keys=True)
        )
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()[:32]


class Cache:
    """Pieces of work under one folder, `<stage>/<key>/`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, stage: str, key: str) -> bool:
        """Whether a piece is finished."""
        return (self.root / stage / key).is_dir()

    def folder(self, stage: str, key: str, make: Callable[[Path], None]) -> Path:
        """The finished folder of this piece; `make` fills an empty one if there is none yet."""
        done = self.root / stage / key
        if done.is_dir():
            return done
        making = done.with_name(f".{key}.{os.getpid()}")
        try:
            making.mkdir(parents=True)
        except OSError as error:
            raise self._refusal(error) from error
        try:
            make(making)
            if not done.is_dir():  # another build may have been faster
                making.rename(done)
        except OSError as error:
            if _no_room(error):
                raise self._refusal(error) from error
            raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
        return done

    def _refusal(self, error: OSError) -> InputError:
        if _no_room(error):
            return InputError(
                f"--cache {self.root}: the disk is full; finished work is kept: free some space and"
                " run the same command again, or name another folder"
            )
        return InputError(
            f"--cache {self.root}: cannot be written ({error.strerror}); name another folder"
        )

    def value(self, stage: str, key: str, make: Callable[[], Any]) -> Any:
        """A JSON value, computed once."""

        def write(folder: Path) -> None:
            (folder / "value.json").write_text(json.dumps(make()), "utf-8")

        return json.loads((self.folder(stage, key, write) / "value.json").read_text("utf-8"))

    def clean(self) -> int:
        """Remove every piece of work, and nothing else; returns the bytes that were freed."""
        freed = 0
        for piece in (
            path for path in self.root.glob("*/*") if path.is_dir() and _PIECE.fullmatch(path.name)
        ):
            freed += sum(path.stat().st_size for path in piece.rglob("*") if path.is_file())
            shutil.rmtree(piece)
        for folder in (*self.root.glob("*/"), self.root):
            with contextlib.suppress(OSError):  # not empty: something in it is not ours
                folder.rmdir()
        return freed


def _no_room(error: OSError) -> bool:
    """A full disk; NumPy says of a short write only how much was written, with no number of the
    error."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or (
        error.errno is None and "written" in str(error)
    )
