"""Numbers too small for a full float32, which processors take a hundred times longer over."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import torch


@contextmanager
def denormals_as_zero() -> Iterator[None]:
    """Within this context this thread takes such numbers for zero."""
    flushes = flushes_denormals()
    torch.set_flush_denormal(True)
    try:
        yield
    finally:
        torch.set_flush_denormal(flushes)


def flushes_denormals() -> bool:
    """Whether this thread takes numbers too small for a full float32 for zero."""
    tiny = torch.tensor(1e-40, dtype=torch.float32)
    return not bool((tiny * 1.0).view(torch.int32).item())
