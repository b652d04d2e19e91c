"""Independent jobs, in processes of their own or wherever joblib is told to run them, such as a
Dask cluster."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, Final, TypeVar

T = TypeVar("T")

WORTH: Final = 20.0
"""Seconds of work from which processes are worth their start."""
_LOOK: Final = 1.0
"""Seconds between two looks of a worker at whether its build is still there."""


def are_worth_it(seconds: float, jobs: int) -> bool:
    """Whether jobs that take about so long together go to other processes: little work stays in
    this one, unless `joblib.parallel_config` around the build chose another backend."""
    import joblib
    from joblib.parallel import get_active_backend

    backend, _ = get_active_backend()
    if type(backend).__name__ not in ("LokyBackend", "SequentialBackend"):
        return jobs > 0
    return seconds >= WORTH and joblib.cpu_count() > 1 and jobs > 1


def elsewhere(function: Callable[..., T], jobs: Iterable[Any]) -> Iterator[T]:
    """`function(job)` of each job, in their order, computed by other processes.

    Processes of joblib's own end after the last result, as idle ones keep their memory, and with
    this one, whatever ends it.
    """
    import joblib
    from joblib.externals.loky import get_reusable_executor
    from joblib.parallel import get_active_backend

    backend, _ = get_active_backend()
    is_ours = type(backend).__name__ == "LokyBackend"
    options = {"initializer": _end_with, "initargs": (os.getpid(),)} if is_ours else {}
    run = joblib.Parallel(n_jobs=-1, return_as="generator", **options)
    try:
        yield from run(joblib.delayed(function)(job) for job in jobs)
    finally:
        if is_ours:
            get_reusable_executor(reuse=True).shutdown(wait=True, kill_workers=True)


def _end_with(parent: int) -> None:
    """End this worker as soon as the process that started it is gone, in the midst of a job too."""
    threading.Thread(target=_watch, args=(parent,), daemon=True).start()


def _watch(parent: int) -> None:
    # Whoever is killed cannot tell its workers; but their parent is another process from then on.
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)
