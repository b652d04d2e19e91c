"""Memory that was freed and that allocators keep for what may come."""

from __future__ import annotations

import ctypes
import sys


def give_back() -> None:
    """Give what is free of this process's memory back to the system: what Arrow keeps, and, of the
    C library, where it is glibc, what lies between what is still in use.

    One stage of a build frees what is of no use to the next, which asks for other sizes.
    """
    if "pyarrow" in sys.modules:
        sys.modules["pyarrow"].default_memory_pool().release_unused()
    if sys.platform == "linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)
