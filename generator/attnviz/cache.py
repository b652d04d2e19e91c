"""The build's memory: finished pieces of work under the hash of everything they depend on.

A piece is a folder that is made under a temporary name and appears by rename, so that a killed build leaves whole
pieces or none.
"""

from __future__ import annotations

import hashlib
import inspect
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any


def key_of(*parts: Any) -> str:
    """A key, 32 hexadecimal digits, from JSON values and source modules: change any of them and the key changes."""
    digest = hashlib.sha256()
    for part in parts:
        text = inspect.getsource(part) if isinstance(part, ModuleType) else json.dumps(part, sort_keys=True)
        digest.update(hashlib.sha256(text.encode()).digest())
    return digest.hexdigest()[:32]


class Cache:
    """Pieces of work under one folder, `<stage>/<key>/`."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def has(self, stage: str, key: str) -> bool:
        return (self.root / stage / key).is_dir()

    def folder(self, stage: str, key: str, make: Callable[[Path], None]) -> Path:
        """The finished folder of this piece; `make` fills an empty one if there is none yet."""
        done = self.root / stage / key
        if done.is_dir():
            return done
        done.parent.mkdir(parents=True, exist_ok=True)
        making = done.with_name(f".{key}.{os.getpid()}")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir()
        try:
            make(making)
            making.rename(done)
        except BaseException:
            shutil.rmtree(making, ignore_errors=True)
            raise
        return done

    def value(self, stage: str, key: str, make: Callable[[], Any]) -> Any:
        """A JSON value, computed once."""

        def write(folder: Path) -> None:
            (folder / "value.json").write_text(json.dumps(make()), "utf-8")

        return json.loads((self.folder(stage, key, write) / "value.json").read_text("utf-8"))

    def bytes(self) -> int:
        """How much the cache holds."""
        return sum(path.stat().st_size for path in self.root.rglob("*") if path.is_file())

    def clean(self) -> int:
        """Remove everything; returns the bytes that were freed."""
        freed = self.bytes() if self.root.is_dir() else 0
        shutil.rmtree(self.root, ignore_errors=True)
        return freed
