"""One thread, so that a result is the same wherever it is computed."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from threadpoolctl import threadpool_limits


@contextmanager
def one_thread() -> Iterator[None]:
    """One thread for every library, and no time spent on denormal numbers, so that a result is the
    same anywhere."""
    threads, flushes = torch.get_num_threads(), flushes_denormals()
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    try:
        with threadpool_limits(1):
            yield
    finally:
        torch.set_flush_denormal(flushes)
        torch.set_num_threads(threads)


def flushes_denormals() -> bool:
    """Whether this thread takes numbers too small for a full float32 for zero."""
    tiny = torch.tensor(1e-40, dtype=torch.float32)
    return not bool((tiny * 1.0).view(torch.int32).item())
