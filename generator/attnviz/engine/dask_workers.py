"""Workers of a Dask cluster: of a scheduler's address, or of a client of one's own, such as
dask-jobqueue makes."""

from __future__ import annotations

import time
from collections.abc import Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from attnviz.engine.jobs import Job, gone, make
from attnviz.engine.workers import Workers
from attnviz.errors import InputError

_WAIT: Final = 10.0
"""Seconds that a scheduler has to answer."""
_LOOK: Final = 5.0
"""Seconds between two looks at whether there are workers."""
_PATIENCE: Final = 60.0
"""Seconds that may pass without any worker."""


@contextmanager
def dask_workers(cluster: Any) -> Iterator[DaskWorkers]:
    """The workers of a scheduler at an address, or of a client. Raises InputError if no scheduler
    answers, has no workers, or has some that run several jobs at once."""
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError("--cluster needs Dask: pip install 'attnviz[cluster]'") from error
    if not isinstance(cluster, str):
        if not isinstance(cluster, Client):
            raise InputError(
                f"cluster: expected an address or a Client of Dask's; got {type(cluster).__name__}"
            )
        yield DaskWorkers(cluster)
        return
    try:
        client = Client(  # type: ignore[no-untyped-call]
            cluster, timeout=_WAIT, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise InputError(
            f"--cluster {cluster}: no scheduler answers there; `dask scheduler` starts one and says"
            " its address"
        ) from error
    with client:
        refuse_unfit(cluster, client)
        yield DaskWorkers(client)


def refuse_unfit(address: str, client: Any) -> None:
    """Raises InputError if a scheduler has no workers, or one of several threads."""
    threads: Mapping[str, int] = client.nthreads()
    if not threads:
        raise InputError(
            f"--cluster {address}: it has no workers; start some with `dask worker {address}"
            " --nthreads 1`"
        )
    if many := [worker for worker, count in threads.items() if count != 1]:
        others = "" if len(many) == 1 else f" (and {len(many) - 1} more)"
        raise InputError(
            f"--cluster {address}: {many[0]}{others} runs several threads, of which one at a time"
            " could work; start workers with --nthreads 1, and --nworkers for more of them"
        )


class DaskWorkers(Workers[Any]):
    """A client's workers. Dask itself sends what a lost worker had to another."""

    def __init__(self, client: Any) -> None:
        self._client = client

    def count(self) -> int:
        return len(self._client.nthreads())

    def send(self, job: Job) -> Any:
        # Never taken from what the scheduler remembers: a result is in the cache, or it is made.
        return self._client.submit(make, job, pure=False, key=_key(job))

    def wait(self, sent: Collection[Any]) -> Collection[Any]:
        import distributed
        from distributed.client import FuturesCancelledError

        wait_for: Any = distributed.wait
        with_workers = time.monotonic()

        while True:
            if done := [future for future in sent if future.done()]:
                return done
            try:
                with self._client.as_current():
                    wait_for(list(sent), timeout=_LOOK, return_when="FIRST_COMPLETED")
            except TimeoutError:
                with_workers = self._refuse_none(with_workers)
            except FuturesCancelledError as error:
                raise gone("the scheduler is gone") from error

    def _refuse_none(self, with_workers: float) -> float:
        """When there last were workers, as far as is known. Raises InputError if that is long
        ago."""
        now = time.monotonic()
        if self.count():
            return now
        if now - with_workers > _PATIENCE:
            raise gone("the scheduler has no workers any more")
        return with_workers

    def result(self, sent: Any) -> None:
        from distributed import KilledWorker
        from distributed.client import FutureCancelledError

        try:
            sent.result()
        except KilledWorker as error:
            raise gone(
                f"every worker that took a job ended in the midst of it ({error.task}): perhaps its"
                " memory does not suffice"
            ) from error
        except FutureCancelledError as error:
            raise gone("the scheduler is gone") from error

    def cancel(self, sent: Collection[Any]) -> None:
        if sent:
            self._client.cancel(list(sent))


def _key(job: Job) -> str:
    """What the scheduler's pages call a job; no two are the same."""
    return f"attnviz {job.step}-{job.key}-{time.monotonic_ns()}"
