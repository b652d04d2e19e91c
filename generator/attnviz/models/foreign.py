"""Where libraries work on somebody's model: whatever they raise is the model's, and said as such.

A folder may hold anything, and the libraries raise anything at it. An error of a line of attnviz's
own is said as that, with its place, and its trace is one option away.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import torch

from attnviz.errors import InputError

_PACKAGE: Final = Path(__file__).parents[1]


@contextmanager
def foreign_work(what: str, advice: str) -> Iterator[None]:
    """Within this context an error becomes an InputError: `what` fails, the error's first line, and
    what to do: `advice` if a library raised it, to report it if attnviz did. Lack of memory
    passes."""
    try:
        yield
    except (InputError, torch.OutOfMemoryError, MemoryError):
        raise
    except BaseException as error:
        # A panic of a tokenizer's Rust code is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        place = _place_in_attnviz(error)
        if place is not None:
            advice = (
                f"attnviz itself fails at this, in {place}: please report it with what attnviz"
                " --debug and the same command says"
            )
        raise InputError(f"{what}: {first_line(error)}; {advice}") from error


def _place_in_attnviz(error: BaseException) -> str | None:
    """File and line of attnviz's own that raised an error, below the line that the context is
    around; None if a library did."""
    frames = traceback.extract_tb(error.__traceback__)
    last = frames[-1]
    # The first two frames are of this module and of the line within the context.
    if len(frames) <= 2 or not last.filename.startswith(str(_PACKAGE)):
        return None
    return f"{Path(last.filename).relative_to(_PACKAGE)}:{last.lineno}"


def first_line(error: BaseException) -> str:
    """What an error says, in one line: its first, and the next where the first ends in a colon;
    with the error's kind where that would say little.

    >>> first_line(ValueError("not valid for heads:\\n  7 does not divide 32"))
    'not valid for heads: 7 does not divide 32'
    """
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    if not lines:
        return type(error).__name__
    line = " ".join(lines[: 2 if lines[0].endswith(":") else 1])
    kind = f"{type(error).__name__}: " if len(line) < 30 or isinstance(error, KeyError) else ""
    return f"{kind}{line[:_LONGEST]}"


_LONGEST: Final = 400
"""Characters of a library's words in a message."""
