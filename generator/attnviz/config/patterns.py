"""Files by pattern: `*`, `?` and `[…]` within a name, `**` through folders; and a word where that
would look at too many."""

from __future__ import annotations

import fnmatch
import os
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

MOST: Final = 100_000
"""Files and folders that one pattern looks at."""

_MAGIC: Final = re.compile(r"[*?\[]")
_HALF: Final = re.compile("[\ud800-\udfff]")


class PatternError(ValueError):
    """A pattern that cannot be followed; the message follows its name."""


def is_pattern(text: str) -> bool:
    """Whether a path has signs of a pattern.

    >>> is_pattern("photos/*.jpg"), is_pattern("photos")
    (True, False)
    """
    return _MAGIC.search(text) is not None


def matches(pattern: str, base: Path) -> list[Path]:
    """The paths that a pattern matches, relative ones from `base`, sorted.

    Names that begin with a dot are left out unless the pattern says the dot; `**` follows no links.
    Raises PatternError if it would look at more than `MOST` files, or if a name is not UTF-8.
    """
    path = Path(pattern).expanduser()
    start = Path(path.anchor) if path.is_absolute() else base
    steps = [step for step in path.parts if step != path.anchor]
    paths = sorted(set(_Search().follow(start, steps)))
    for match in paths:
        if _HALF.search(str(match)):
            raise PatternError(
                f"matches a file whose name is not UTF-8 ({str(match)!a}); expected names that"
                " are: rename it"
            )
    return paths


class _Search:
    """Follows a pattern and counts what it looks at."""

    def __init__(self) -> None:
        self.count = 0

    def follow(self, folder: Path, steps: Sequence[str]) -> Iterator[Path]:
        if not steps:
            yield folder
            return
        step, rest = steps[0], steps[1:]
        if step == "**":
            yield from self._through(folder, rest)
        elif is_pattern(step):
            for entry in self._entries(folder):
                hidden = entry.name.startswith(".") and not step.startswith(".")
                if not hidden and fnmatch.fnmatchcase(entry.name, step):
                    yield from self.follow(folder / entry.name, rest)
        elif os.path.lexists(folder / step):
            yield from self.follow(folder / step, rest)

    def _through(self, top: Path, rest: Sequence[str]) -> Iterator[Path]:
        """What the rest of a pattern matches in a folder and in all below it."""
        waiting = [top]
        while waiting:
            folder = waiting.pop()
            # A last ** stands for all files and folders.
            yield from self.follow(folder, rest or ["*"])
            waiting += [
                folder / entry.name
                for entry in self._entries(folder)
                if entry.is_dir(follow_symlinks=False) and not entry.name.startswith(".")
            ]

    def _entries(self, folder: Path) -> Iterator[os.DirEntry[str]]:
        try:
            entries = os.scandir(folder)
        except (OSError, ValueError):  # no folder, or one that may not be read
            return
        with entries:
            for entry in entries:
                self.count += 1
                if self.count > MOST:
                    raise PatternError(
                        f"looks through more than {MOST:,} files, {folder} among them; expected a"
                        " pattern that begins nearer to its files"
                    )
                yield entry
