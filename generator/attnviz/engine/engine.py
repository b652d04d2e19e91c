"""The engine of a build: it runs steps, or takes what it remembers of them."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from attnviz.engine.keys import Keys
from attnviz.engine.memory import Memory, value_of
from attnviz.engine.processes import are_worth_it, elsewhere
from attnviz.engine.progress import Progress
from attnviz.engine.step import Call, Step

T = TypeVar("T")


@dataclass(frozen=True)
class Piece(Generic[T]):
    """A step's result: its value, and the folder that it filled."""

    folder: Path
    value: T


class Engine:
    """Runs steps, remembers their results under `cache`, and reports progress."""

    def __init__(self, cache: Path, progress: Progress | None = None) -> None:
        self.progress = progress or Progress()
        self.notes: list[str] = []
        self._memory = Memory(cache, self.progress.note)
        self._keys = Keys(self._memory.root)

    def note(self, message: str) -> None:
        """Something the user should know of what is made; kept in `notes`."""
        self.notes.append(message)
        self.progress.note(message)

    def recall(self, name: str, key: str, kind: type[T]) -> T | None:
        """The value of this kind that `remember` was given under this name and key; None where
        there is none, or a damaged one."""
        folder = self._memory.recall(name, key)
        return None if folder is None else TypeAdapter(kind).validate_python(value_of(folder))

    def remember(self, name: str, key: str, value: Any) -> None:
        """Keep a value, as a step's are kept."""
        plain = TypeAdapter(type(value)).dump_python(value, mode="json")
        self._memory.keep(name, key, lambda folder: plain)

    def has(self, names: Iterable[str]) -> bool:
        """Whether pieces, by their names, are there and whole."""
        return all(self._memory.is_whole(name) for name in names)

    def name_of(self, folder: Path) -> str:
        """What a piece of the cache is called there."""
        return folder.relative_to(self._memory.root).as_posix()

    def folder(self, name: str) -> Path:
        """The folder of a piece."""
        return self._memory.root / name

    def at_work(self) -> AbstractContextManager[None]:
        """While this lasts the cache is in use, and cannot be cleaned."""
        return self._memory.in_use()

    def run(self, call: Call[T]) -> Piece[T]:
        """The result of a step on its inputs, remembered or made now."""
        return self._result(call, self._keys.key(call))

    def each(
        self, title: str, calls: Sequence[Call[T]], sizes: Sequence[float]
    ) -> Iterator[Piece[T]]:
        """The results of a step on many inputs, one after another; `sizes` are their shares of the
        work, which is reported under `title`."""
        for call in self.progress.steps(title, calls, list(sizes)):
            yield self.run(call)

    def fan_out(
        self, title: str, calls: Sequence[Call[T]], seconds: Sequence[float]
    ) -> Iterator[Piece[T]]:
        """The same, made by several processes, or by a cluster, where so much work is worth it."""
        keyed = [(call, self._keys.key(call)) for call in calls]
        missing = {
            key: call for call, key in keyed if self._memory.recall(call.step.name, key) is None
        }
        results: Iterator[tuple[str, _Made[T]]] = iter(())
        if are_worth_it(sum(seconds), len(missing)):
            results = zip(missing, elsewhere(_make_apart, missing.values()), strict=True)
        for call, key in self.progress.steps(title, keyed, list(seconds)):
            yield self._result(call, key, results)

    def _result(
        self, call: Call[T], key: str, results: Iterator[tuple[str, _Made[T]]] | None = None
    ) -> Piece[T]:
        name = call.step.name
        folder = self._memory.recall(name, key)
        if folder is None:
            # Another build with the same cache may have finished some that were sent out as
            # missing: their results are passed over.
            apart = next((result for other, result in results or () if other == key), None)

            def fill(into: Path) -> Any:
                value = call.make(into) if apart is None else apart.unpack(into)
                return _adapter(call.step).dump_python(value, mode="json")

            folder = self._memory.keep(name, key, fill)
        value: T = _adapter(call.step).validate_python(value_of(folder))
        return Piece(folder, value)


@cache
def _adapter(step: Step[Any, Any]) -> TypeAdapter[Any]:
    """From a step's value to JSON and back."""
    return TypeAdapter(step.result)


@dataclass(frozen=True)
class _Made(Generic[T]):
    """What another process made: a value, and files by their paths."""

    value: T
    files: dict[str, bytes]

    def unpack(self, folder: Path) -> T:
        """Write the files into a folder; returns the value."""
        for path, content in self.files.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_bytes(content)
        return self.value


def _make_apart(call: Call[T]) -> _Made[T]:
    """Run a step in another process, whose disk need not be ours: its files are sent back."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        value = call.make(folder)
        files = {
            file.relative_to(folder).as_posix(): file.read_bytes()
            for file in folder.rglob("*")
            if file.is_file()
        }
    return _Made(value, files)
