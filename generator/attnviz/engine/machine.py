"""What this machine has for a build: memory, and processes to work in."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

PROCESS: Final = 600_000_000
LIGHT_PROCESS: Final = 230_000_000
"""Bytes that a process takes whose steps need torch, and one whose steps need none."""


def usable_processes() -> int:
    """How many processes may work at a time: one for each processor, as far as half of the memory
    suffices for them."""
    import joblib

    processors: int = joblib.cpu_count()
    memory = machine_memory()
    return processors if memory is None else min(processors, max(1, memory // 2 // PROCESS))


def machine_memory() -> int | None:
    """Bytes of memory that this process may use: the machine's, or its container's; None where that
    is not known."""
    try:
        memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # on Windows
        return None
    for name in ("/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"):
        try:
            memory = min(memory, int(Path(name).read_text()))
        except (OSError, ValueError):  # "max": no limit
            continue
    return memory
