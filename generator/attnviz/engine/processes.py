"""Independent jobs, in processes of their own or wherever joblib is told to run them, such as a
Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final, TypeVar

import joblib
import torch
from joblib.parallel import get_active_backend
from threadpoolctl import threadpool_limits

T = TypeVar("T")

WORTH: Final = 20.0
"""Seconds of work from which processes are worth their start."""


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for every library, and no time spent on denormal numbers, so that a result is the
    same anywhere."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_flush_denormal(False)
        torch.set_num_threads(threads)


def fan_out(
    call: Callable[..., T], jobs: Mapping[str, tuple[Any, ...]], seconds: float, here: bool = False
) -> Callable[[str], T]:
    """call(*job) of named jobs; what comes back gives a job's result by its name, and is to be
    asked in their order.

    `seconds` is about how long they take together: little work stays in this process, and is done
    as it is asked for. So does all of it that has to be done `here`. `joblib.parallel_config`
    around a build chooses another backend.
    """
    backend, _ = get_active_backend()
    chosen = type(backend).__name__ not in ("LokyBackend", "SequentialBackend")
    if here or (not chosen and (seconds < WORTH or joblib.cpu_count() == 1 or len(jobs) < 2)):
        return lambda name: call(*jobs[name])
    run = joblib.Parallel(n_jobs=-1, return_as="generator")
    found: Iterator[T] = run(joblib.delayed(call)(*job) for job in jobs.values())
    results = zip(jobs, found, strict=True)

    def result(name: str) -> T:
        # Another build with the same cache may have finished some in between, which are then not
        # asked for.
        return next(value for own, value in results if own == name)

    return result
