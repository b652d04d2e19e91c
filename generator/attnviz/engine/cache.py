"""Work remembered under keys that its caller makes."""

from __future__ import annotations

import hashlib
import inspect
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from attnviz.engine.memory import Memory, value_of
from attnviz.engine.processes import are_worth_it, elsewhere

T = TypeVar("T")


def key_of(*parts: Any) -> str:
    """A key, 32 hexadecimal digits, from JSON values and source modules."""
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
        self._memory = Memory(root)

    def has(self, stage: str, key: str) -> bool:
        """Whether a piece is finished."""
        return self._memory.recall(stage, key) is not None

    def folder(self, stage: str, key: str, make: Callable[[Path], Any]) -> Path:
        """The finished folder of this piece; `make` fills an empty one if there is none yet."""
        return self._memory.recall(stage, key) or self._memory.keep(stage, key, make)

    def value(self, stage: str, key: str, make: Callable[[], Any]) -> Any:
        """A JSON value, computed once."""
        return value_of(self.folder(stage, key, lambda folder: make()))

    def clean(self) -> int:
        """Remove every piece of work, and nothing else; returns the bytes that were freed."""
        return self._memory.clean()


def fan_out(
    call: Callable[..., T], jobs: Mapping[str, tuple[Any, ...]], seconds: float, here: bool = False
) -> Callable[[str], T]:
    """call(*job) of named jobs; gives a job's result by its name, to be asked in their order."""
    if here or not are_worth_it(seconds, len(jobs)):
        return lambda name: call(*jobs[name])
    results = zip(jobs, elsewhere(lambda job: call(*job), jobs.values()), strict=True)
    return lambda name: next(value for other, value in results if other == name)
