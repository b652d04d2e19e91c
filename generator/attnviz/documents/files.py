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
    paths: Sequence[Path], look: Callable[[Path], T], plural: str
) -> tuple[str, list[T]]:
    """What to call these files together, and what `look` returns for each.

    `plural` is the word for several of them. Raises InputError with the problems of all files.
    """
    problems: list[str] = []
    results: list[T] = []
    for path in paths:
        try:
            results.append(look(path))
        except InputError as error:
            problems += error.problems
    if problems:
        raise InputError(problems)
    first = paths[0]
    name = first.name if len(paths) == 1 else f"{len(paths)} {plural} in {first.parent.name}"
    return name, results


def digest_of(files: Sequence[Path], also: bytes = b"") -> bytes:
    """SHA-256, 32 bytes, of the files' own digests in order, followed by `also`."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as content:
            digest.update(hashlib.file_digest(content, "sha256").digest())
    digest.update(also)
    return digest.digest()
