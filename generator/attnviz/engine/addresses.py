"""Addresses of file systems that fsspec knows, told from paths."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

_ADDRESS: Final = r"[a-zA-Z][\w+.-]+(::|://).+"


def is_address(place: str | Path) -> bool:
    """Whether a place is an address of a file system that fsspec knows, and no path.

    >>> is_address("s3://bucket/rows.parquet"), is_address("rows/*.parquet")
    (True, False)
    """
    return re.fullmatch(_ADDRESS, str(place)) is not None
