"""The process that a build runs in: set as a build needs it, and left as it was."""

from __future__ import annotations

import contextlib
import os
import random
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits

from attnviz.engine.threads import flushes_denormals


@contextlib.contextmanager
def undisturbed(seed: int = 0, threads: int | None = None) -> Iterator[None]:
    """Within this context one seed is set for whatever draws random numbers, NumPy's products run
    on one thread, torch's on so many (None for as many as it has), and transformers is quiet; after
    it the process is as it was, also after an error.

    Our products are many and small: on a busy machine threads that wait for each other made them
    ten times slower, and a fixed number of threads keeps the low bits the same.
    """
    with contextlib.ExitStack() as stack:
        for restore in (_random_state(), _torch_settings(), _environment(), _loudness()):
            stack.callback(restore)
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(threadpool_limits(1, "blas"))
        torch.manual_seed(seed)
        if threads is not None:
            torch.set_num_threads(threads)
        _hush()
        yield


def _random_state() -> Callable[[], None]:
    """Puts back what the next random numbers of Python, NumPy and torch are."""
    python, numpy, cpu = random.getstate(), np.random.get_state(), torch.get_rng_state()
    used = torch.cuda.is_initialized()  # type: ignore[no-untyped-call]
    cuda = torch.cuda.get_rng_state_all() if used else []

    def restore() -> None:
        random.setstate(python)
        np.random.set_state(numpy)
        torch.set_rng_state(cpu)
        if cuda:
            torch.cuda.set_rng_state_all(cuda)

    return restore


def _torch_settings() -> Callable[[], None]:
    """Puts back torch's threads, and how exactly and in what precision it computes."""
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


def _environment() -> Callable[[], None]:
    """Puts back the environment variables."""
    before = dict(os.environ)

    def restore() -> None:
        for name in set(os.environ) - set(before):
            del os.environ[name]
        os.environ.update(before)

    return restore


def _loudness() -> Callable[[], None]:
    """Puts back what transformers and the hub's client say and draw."""
    import huggingface_hub.utils
    from transformers.utils import logging

    hub: Any = huggingface_hub.utils
    verbosity = logging.get_verbosity()
    bars, hub_bars = logging.is_progress_bar_enabled(), not hub.are_progress_bars_disabled()

    def restore() -> None:
        logging.set_verbosity(verbosity)
        switch = logging.enable_progress_bar if bars else logging.disable_progress_bar
        switch()  # type: ignore[no-untyped-call]
        (hub.enable_progress_bars if hub_bars else hub.disable_progress_bars)()

    return restore


def _hush() -> None:
    """Keep transformers from warning and drawing progress bars of its own."""
    from transformers.utils import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
