"""Files that a report is written as, and what is there of them already."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

TEMPORARY: Final = re.compile(r"\..+\.(\d+|[0-9a-f]{32})")
"""Names of files beside their places, which a killed build leaves."""


@dataclass(frozen=True)
class Output:
    """A file to be written: its path in the report, and its bytes when they are asked for."""

    path: str
    content: Callable[[], bytes]


def holds(path: Path, content: bytes) -> bool:
    """Whether a file has these bytes."""
    return (
        path.is_file()
        and not path.is_symlink()
        and path.stat().st_size == len(content)
        and hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(content).digest()
    )
