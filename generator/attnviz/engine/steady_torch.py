"""torch set as a build needs it, and left as it was."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

import torch

from attnviz.engine.denormals import flushes_denormals


@contextmanager
def steady_torch(seed: int, threads: int | None) -> Iterator[None]:
    """Within this context torch draws random numbers from this seed and runs on so many threads
    (None for as many as it has); after it, it is set as before."""
    with ExitStack() as stack:
        stack.callback(_random_state())
        stack.callback(_settings())
        torch.manual_seed(seed)
        if threads is not None:
            torch.set_num_threads(threads)
        yield


def _random_state() -> Callable[[], None]:
    """Puts back what the next random numbers are."""
    cpu = torch.get_rng_state()
    used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    cuda = torch.cuda.get_rng_state_all() if used else []

    def restore() -> None:
        torch.set_rng_state(cpu)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)

    return restore


def _settings() -> Callable[[], None]:
    """Puts back its threads, and how exactly and in what precision it computes."""
    threads, flushes = torch.get_num_threads(), flushes_denormals()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warn_only = torch.is_deterministic_algorithms_warn_only_enabled()
    dtype, precision = torch.get_default_dtype(), torch.get_float32_matmul_precision()

    def restore() -> None:
        torch.set_num_threads(threads)
        torch.set_flush_denormal(flushes)
        torch.use_deterministic_algorithms(deterministic, warn_only=warn_only)
        torch.set_default_dtype(dtype)
        torch.set_float32_matmul_precision(precision)

    return restore
