"""Digests of files."""

from __future__ import annotations

import hashlib
from pathlib import Path


def file_digest(file: Path) -> bytes:
    """SHA-256 of a file's bytes, 32 bytes."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").digest()
