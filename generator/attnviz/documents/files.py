"""The files of one entry, looked at before anything is built: all that cannot be read are named at
once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

from attnviz.errors import InputError

T = TypeVar("T")


def look_at_each(
    paths: Sequence[Path], look: Callable[[Path], T], called: str
) -> tuple[str, list[T]]:
    """What to call these files together, and what `look` finds of each. InputError has the problems
    of all of them."""
    problems: list[str] = []
    found: list[T] = []
    for path in paths:
        try:
            found.append(look(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    first = paths[0]
    return first.name if len(paths) == 1 else f"{len(paths)} {called} in {first.parent.name}", found


def digest_of(files: Sequence[Path], also: bytes = b"") -> bytes:
    """SHA-256 of the files' own, and of what is said of them."""
    digest = hashlib.sha256()
    for file in files:
        digest.update(hashlib.sha256(file.read_bytes()).digest())
    digest.update(also)
    return digest.digest()
