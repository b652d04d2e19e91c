"""The process that a build runs in: set as a build needs it, and left as it was."""

from __future__ import annotations

import contextlib
import os
import random
import sys
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from threadpoolctl import threadpool_limits


@contextlib.contextmanager
def undisturbed(seed: int = 0, threads: int | None = None) -> Iterator[None]:
    """Within this context one seed is set for whatever draws random numbers, NumPy's products run
    on one thread, torch's on so many (None for as many as it has), and transformers is quiet; after
    it the process is as it was, also after an error. torch and transformers are not loaded for
    that: whoever uses them within loads them before.

    Our products are many and small: on a busy machine threads that wait for each other made them
    ten times slower, and a fixed number of threads keeps the low bits the same.
    """
    with contextlib.ExitStack() as stack:
        stack.callback(_environment())
        stack.callback(_random_state())
        stack.enter_context(warnings.catch_warnings())
        stack.enter_context(threadpool_limits(1, "blas"))
        if "torch" in sys.modules:
            from attnviz.engine.steady_torch import steady_torch

            stack.enter_context(steady_torch(seed, threads))
        if "transformers" in sys.modules:
            stack.callback(_loudness())
            _hush()
        yield


def _random_state() -> Callable[[], None]:
    """Puts back what the next random numbers of Python and NumPy are."""
    python, numpy = random.getstate(), np.random.get_state()

    def restore() -> None:
        random.setstate(python)
        np.random.set_state(numpy)

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
