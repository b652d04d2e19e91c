"""Memory that does not suffice, in words instead of a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch

from attnviz.errors import InputError


@contextmanager
def out_of_memory_in(model: str, work: str, mend: str) -> Iterator[None]:
    """Raises InputError with the model, the work, and what helps, where memory does not suffice for
    what is done within."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise InputError(f"model {model}: out of memory in {work}: {mend}") from error
