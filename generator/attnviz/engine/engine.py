"""The engine of a build: it runs steps, or takes what it remembers of them."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

from pydantic import TypeAdapter

from attnviz.engine.arrivals import Arrivals
from attnviz.engine.freed import give_back
from attnviz.engine.keys import Keys
from attnviz.engine.local_workers import LocalWorkers, worthwhile
from attnviz.engine.memory import Memory, value_of
from attnviz.engine.progress import Progress
from attnviz.engine.step import Call, Step
from attnviz.engine.threads import one_thread
from attnviz.engine.values import from_json, to_json
from attnviz.engine.workers import Workers

T = TypeVar("T")


@dataclass(frozen=True)
class Piece(Generic[T]):
    """A step's result: its value, and the folder that it filled."""

    folder: Path
    value: T


class Engine:
    """Runs steps, remembers their results under `cache`, a folder or an address, and reports
    progress.

    `from_scratch` says that nothing may start from what an earlier build made of another corpus.
    """

    def __init__(
        self,
        cache: Path | str,
        progress: Progress | None = None,
        workers: Workers[Any] | None = None,
        from_scratch: bool = False,
    ) -> None:
        self.from_scratch = from_scratch
        self.progress = progress or Progress()
        self.notes: list[str] = []
        self._memory = Memory(cache, self.progress.note)
        self._keys = Keys(self._memory.root)
        self._workers = workers

    @property
    def threads(self) -> int | None:
        """The threads that torch computes on; None for as many as it has. Workers have one each,
        and so has the build's own process then, that its results are theirs."""
        return None if self._workers is None else 1

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
        """Keep a value, as a step's are kept, in place of one that is kept under the same key."""
        plain = TypeAdapter(type(value)).dump_python(value, mode="json")
        self._memory.forget(name, key)
        self._memory.keep(name, key, lambda folder: plain)

    def holds(self, call: Call[Any]) -> bool:
        """Whether the result of a step on its inputs is remembered."""
        return self._memory.recall(call.step.name, self._keys.key(call)) is not None

    def key(self, step: Step[Any, Any], about: Mapping[str, object]) -> str:
        """A key for what follows from the sources of a step and from these values."""
        return self._keys.key(Call(step, about))

    def digest(self, *values: Any) -> str:
        """The content of these values as one number, 32 hexadecimal digits."""
        return self._keys.fingerprint(values).hex()[:32]

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
        keyed = [(call, self._keys.key(call))]
        with self._made_by(self._workers, keyed) as arrivals:
            return self._result(*keyed[0], arrivals)

    def each(
        self, title: str, calls: Sequence[Call[T]], sizes: Sequence[float]
    ) -> Iterator[Piece[T]]:
        """The results of a step on many inputs, one after another, made by the workers where there
        are any; `sizes` are their shares of the work, which is reported under `title`."""
        yield from self._each(title, self._keyed(calls), sizes, self._workers)

    def fan_out(
        self, title: str, calls: Sequence[Call[T]], seconds: Sequence[float]
    ) -> Iterator[Piece[T]]:
        """The same, made by several processes of this machine where there are no workers and so
        much work is worth it."""
        keyed = self._keyed(calls)
        with self._worthwhile(keyed, seconds) as workers:
            yield from self._each(title, keyed, seconds, workers)

    def try_and_fan_out(
        self, title: str, calls: Sequence[Call[T]], sizes: Sequence[float]
    ) -> Iterator[Piece[T]]:
        """As `fan_out`, of calls on one thread of which nobody knows how long they take: the first
        that has to be made is made here, and by its seconds those of the others are foreseen."""
        keyed = self._keyed(calls)
        first = next(iter(self._missing(keyed)), None)
        if self._workers is not None or first is None:
            yield from self._each(title, keyed, sizes, self._workers)
            return
        give_back()
        sized = list(zip(keyed, sizes, strict=True))
        arrivals = None
        with ExitStack() as ending:
            for (call, key), size in self.progress.steps(title, sized, list(sizes)):
                since = time.thread_time()
                piece = self._result(call, key, arrivals)
                if key == first:
                    rate = (time.thread_time() - since) / max(size, 1e-9)
                    workers = ending.enter_context(
                        self._worthwhile(keyed, [rate * each for each in sizes])
                    )
                    arrivals = ending.enter_context(self._made_by(workers, keyed))
                    first = None
                yield piece
        give_back()

    @contextmanager
    def _worthwhile(
        self, keyed: Sequence[tuple[Call[Any], str]], seconds: Sequence[float]
    ) -> Iterator[Workers[Any] | None]:
        """Who makes what is not remembered of these calls, which take so long: the workers where
        there are any, else processes of this machine where it is worth them, else nobody."""
        missing = self._missing(keyed)
        left = sum(each for (_, key), each in zip(keyed, seconds, strict=True) if key in missing)
        processes = 0 if self._workers is not None else worthwhile(left, len(missing))
        with LocalWorkers(processes) if processes else nullcontext(self._workers) as workers:
            yield workers

    def _keyed(self, calls: Sequence[Call[T]]) -> list[tuple[Call[T], str]]:
        return [(call, self._keys.key(call)) for call in calls]

    def _missing(self, keyed: Sequence[tuple[Call[T], str]]) -> dict[str, Call[T]]:
        """The calls whose results are not remembered, by their keys."""
        return {
            key: call for call, key in keyed if self._memory.recall(call.step.name, key) is None
        }

    def _each(
        self,
        title: str,
        keyed: Sequence[tuple[Call[T], str]],
        sizes: Sequence[float],
        workers: Workers[Any] | None,
    ) -> Iterator[Piece[T]]:
        give_back()
        with self._made_by(workers, keyed) as arrivals:
            for call, key in self.progress.steps(title, keyed, list(sizes)):
                yield self._result(call, key, arrivals)
        give_back()

    @contextmanager
    def _made_by(
        self, workers: Workers[Any] | None, keyed: Sequence[tuple[Call[Any], str]]
    ) -> Iterator[Arrivals | None]:
        """What of these calls is not remembered, made by workers, if there are any."""
        missing = {} if workers is None else self._missing(keyed)
        if workers is None or not missing:
            yield None
            return
        with closing(Arrivals(workers, missing, self._memory, self.progress.note)) as arrivals:
            yield arrivals

    def _result(self, call: Call[T], key: str, arrivals: Arrivals | None) -> Piece[T]:
        """A result that is remembered, arrives from a worker, or is made now."""
        name = call.step.name
        if arrivals is not None:
            arrivals.wait_for(name, key)
        folder = self._memory.recall(name, key)
        if folder is None:
            with one_thread() if call.one_thread else nullcontext():
                folder = self._memory.keep(
                    name, key, lambda into: to_json(call.step, call.make(into))
                )
        return Piece(folder, from_json(call.step, value_of(folder)))
