"""Files of a report read by their paths: only regular ones inside its folder, and none larger than
it may be. A manifest may come from anybody."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path
from typing import Final

from attnviz.errors import ReportError

_PATH: Final = re.compile(r"(?!\.\.?(/|$))[A-Za-z0-9._-]+(/(?!\.\.?(/|$))[A-Za-z0-9._-]+)*")
"""Relative, downwards, of plain characters: every path that a build writes is so."""

# Without O_NONBLOCK a pipe that no one writes to would be waited for.
_FLAGS: Final = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)


def read_inside(root: Path, path: str, largest: int) -> bytes:
    """The bytes of a report's file. ReportError names it, where it is missing, is no regular file,
    has more than `largest` bytes, or lies outside the report's folder, itself or by a link."""
    if not _PATH.fullmatch(path):
        raise ReportError(f"manifest.json: names a file {path!a}, which no report can have")
    try:
        place = root / path
        if not place.resolve().is_relative_to(root.resolve()):
            raise ReportError(f"{path}: is a link that leads out of the report's folder")
        descriptor = os.open(place, _FLAGS)
        with open(descriptor, "rb") as file:  # noqa: PTH123 (Path opens no descriptor)
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode):
                raise ReportError(f"{path}: is no regular file; build the report again")
            if about.st_size > largest:
                raise ReportError(
                    f"{path}: has {about.st_size} bytes; at most {largest} are read: copy or build"
                    " the report again"
                )
            return file.read(about.st_size)
    except (OSError, RuntimeError) as error:
        detail = getattr(error, "strerror", None) or "its links lead in a circle"
        raise ReportError(
            f"{path}: is missing or cannot be read ({detail}); build the report again"
        ) from error
