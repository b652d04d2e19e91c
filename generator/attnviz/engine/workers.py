"""Workers: whoever makes jobs elsewhere than in the build's own process.

An engine of workers says how a job is sent, how its end is awaited and what it gave; what is in
flight is the same for all: two jobs for each worker, so that none waits for the next. A worker that
is lost is the engine's to notice: it sends the job to another.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Generator, Hashable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Generic, TypeVar

from attnviz.engine.jobs import Job
from attnviz.errors import InputError

H = TypeVar("H", bound=Hashable)


class Workers(ABC, Generic[H]):
    """Makes jobs. `H` is what the engine knows a sent job by."""

    @abstractmethod
    def count(self) -> int:
        """How many workers there are now."""

    @abstractmethod
    def send(self, job: Job) -> H:
        """Have a job made."""

    @abstractmethod
    def wait(self, sent: Collection[H]) -> Collection[H]:
        """Those of these jobs that have ended, at least one. Raises InputError if no workers are
        left."""

    @abstractmethod
    def result(self, sent: H) -> None:
        """Of a job that has ended: raises what it raised; InputError if all that took it were
        lost."""

    @abstractmethod
    def cancel(self, sent: Collection[H]) -> None:
        """Let go of jobs whose results nobody waits for any more."""

    def make(self, jobs: Iterable[Job]) -> Generator[str, None, None]:
        """Have jobs made; the key of each as it is done. Raises as `result` and `wait` do."""
        flight: dict[H, str] = {}
        try:
            for job in jobs:
                flight[self.send(job)] = job.key
                if len(flight) >= 2 * max(1, self.count()):
                    yield from self._ended(flight)
            while flight:
                yield from self._ended(flight)
        finally:
            self.cancel(list(flight))

    def _ended(self, flight: dict[H, str]) -> Iterator[str]:
        for sent in self.wait(list(flight)):
            self.result(sent)
            yield flight.pop(sent)


@contextmanager
def workers_at(address: Any) -> Iterator[Workers[Any] | None]:
    """The workers of an address, for as long as this lasts: `local:N` for N processes of this
    machine, a Dask scheduler such as tcp://10.0.0.5:8786, a Ray cluster such as
    ray://10.0.0.5:10001, or a client of Dask's; None for None. Raises InputError if nobody answers
    there."""
    if address is None:
        yield None
    elif isinstance(address, str) and address.startswith("local:"):
        from attnviz.engine.local_workers import local_workers

        with local_workers(address) as workers:
            yield workers
    elif isinstance(address, str) and address.startswith("ray://"):
        from attnviz.engine.ray_workers import ray_workers

        with ray_workers(address) as workers:
            yield workers
    elif isinstance(address, str) and "://" not in address:
        raise InputError(
            f"--cluster {address}: is no address; expected local:N, such as local:4, a Dask"
            " scheduler, such as tcp://10.0.0.5:8786, or ray://10.0.0.5:10001"
        )
    else:
        from attnviz.engine.dask_workers import dask_workers

        with dask_workers(address) as workers:
            yield workers
