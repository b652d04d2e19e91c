"""Independent jobs, in processes of their own or wherever joblib is told to run them, such as a
Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

import joblib
from joblib.parallel import get_active_backend

T = TypeVar("T")

WORTH: Final = 20.0
"""Seconds of work from which processes are worth their start."""


def are_worth_it(seconds: float, jobs: int) -> bool:
    """Whether jobs that take about so long together go to other processes: little work stays in
    this one, unless `joblib.parallel_config` around the build chose another backend."""
    backend, _ = get_active_backend()
    if type(backend).__name__ not in ("LokyBackend", "SequentialBackend"):
        return jobs > 0
    return seconds >= WORTH and joblib.cpu_count() > 1 and jobs > 1


def elsewhere(function: Callable[..., T], jobs: Iterable[Any]) -> Iterator[T]:
    """`function(job)` of each job, in their order, computed by other processes."""
    run = joblib.Parallel(n_jobs=-1, return_as="generator")
    results: Iterator[T] = run(joblib.delayed(function)(job) for job in jobs)
    return results
