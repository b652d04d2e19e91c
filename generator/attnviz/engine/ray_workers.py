"""Workers of a Ray cluster: `ray://host:10001`, where its client's server answers."""

from __future__ import annotations

import logging
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from typing import Any, Final

from attnviz.engine.jobs import Job, gone, make
from attnviz.engine.workers import Workers
from attnviz.errors import InputError

_LOOK: Final = 5.0
"""Seconds between two looks at whether there are workers."""
_PATIENCE: Final = 60.0
"""Seconds that may pass without any worker."""
_TRIES: Final = 3
"""How often a cluster is asked for a server of this client's own that says starting one failed."""
_FAILED_THERE: Final = "Initialization failure from server"
"""What it says then: it looks at the process that it has just started, which may have ended."""
_AGAIN: Final = 2
"""How often a job is sent again that lost its worker."""


@contextmanager
def ray_workers(address: str) -> Iterator[RayWorkers]:
    """The workers of a cluster. Raises InputError if it does not answer."""
    try:
        import ray
    except ImportError as error:
        raise InputError("--cluster ray://… needs Ray: pip install 'attnviz[ray]'") from error
    logging.getLogger("ray").setLevel(logging.ERROR)
    with _client(ray, address):
        yield RayWorkers(ray)


def _client(ray: Any, address: str, tries: int = _TRIES) -> Any:
    """What is connected to the cluster. Raises InputError if it does not answer."""
    try:
        return ray.init(address, log_to_driver=False, allow_multiple=True)
    except (ConnectionError, RuntimeError, ValueError) as error:
        if tries > 1 and _FAILED_THERE in str(error):
            return _client(ray, address, tries - 1)
        raise InputError(
            f"--cluster {address}: no Ray cluster answers there ({error}); `ray start --head`"
            " starts one, and its client's server listens at port 10001"
        ) from error


class RayWorkers(Workers[Any]):
    """A cluster's workers, one for each processor. Ray itself sends what a lost worker had to
    another."""

    def __init__(self, ray: Any) -> None:
        self._ray = ray
        self._made = ray.remote(num_cpus=1, max_retries=_AGAIN)(make)

    def count(self) -> int:
        return int(self._ray.cluster_resources().get("CPU", 0))

    def send(self, job: Job) -> Any:
        return self._made.options(name=f"attnviz {job.step} {job.key}").remote(job)

    def wait(self, sent: Collection[Any]) -> Collection[Any]:
        with_workers = time.monotonic()
        while True:
            done: list[Any]
            done, _ = self._ray.wait(list(sent), timeout=_LOOK)
            if done:
                return done
            with_workers = self._refuse_none(with_workers)

    def _refuse_none(self, with_workers: float) -> float:
        """When there last were workers, as far as is known. Raises InputError if that is long
        ago."""
        now = time.monotonic()
        if self.count():
            return now
        if now - with_workers > _PATIENCE:
            raise gone("the cluster has no workers any more")
        return with_workers

    def result(self, sent: Any) -> None:
        errors = self._ray.exceptions
        try:
            self._ray.get(sent)
        except errors.RayTaskError as error:
            raise error.cause from error
        except (errors.WorkerCrashedError, errors.OutOfMemoryError, errors.NodeDiedError) as error:
            raise gone(
                "every worker that took a job ended in the midst of it: perhaps its memory does not"
                " suffice"
            ) from error

    def cancel(self, sent: Collection[Any]) -> None:
        for each in sent:
            self._ray.cancel(each, force=True)
