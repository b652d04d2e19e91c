"""Results that workers make, as they come."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from attnviz.engine.jobs import Job, loads_for, survey
from attnviz.engine.memory import Memory
from attnviz.engine.step import Call
from attnviz.engine.travelling import Stays, pack
from attnviz.engine.workers import Workers


class Arrivals:
    """The results of calls, by their keys, that workers make and keep in a memory. A call that
    cannot travel is left out; `note` takes a sentence about it."""

    def __init__(
        self,
        workers: Workers[Any],
        calls: Mapping[str, Call[Any]],
        memory: Memory,
        note: Callable[[str], None],
    ) -> None:
        self._memory, self._note = memory, note
        self._awaited = set(calls)
        self._made = workers.make(self._jobs(calls))

    def wait_for(self, step: str, key: str) -> None:
        """Wait until a result is kept, if a worker makes it. Raises what making it raised."""
        while key in self._awaited and (arrived := next(self._made, None)):
            self._awaited.discard(arrived)
            if arrived == key:
                self._memory.find(f"{step}/{key}")

    def close(self) -> None:
        """Let go of what is not made yet."""
        self._made.close()

    def _jobs(self, calls: Mapping[str, Call[Any]]) -> Iterator[Job]:
        """The jobs of those calls that can travel."""
        staying = set()
        for key, call in calls.items():
            name = call.step.name
            try:
                payload = pack(call, self._memory.root)
            except Stays as reason:
                if name not in staying:
                    self._note(f"{name}: is made in this process: {reason}")
                staying.add(name)
                self._awaited.discard(key)
                continue
            loads = loads_for(call.step)
            yield Job(name, key, payload, self._memory.place, survey(), loads)
