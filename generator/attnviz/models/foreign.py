"""Where libraries work on somebody's model: whatever they raise is the model's, and said as such.

A folder may hold anything, and the libraries raise anything at it. An error that was raised in
attnviz's own code stays what it is: a bug, with its trace.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Final

import torch

from attnviz.errors import InputError

_PACKAGE: Final = str(Path(__file__).parents[1])


@contextmanager
def foreign_work(what: str, advice: str) -> Iterator[None]:
    """Within this context an error of a library becomes an InputError: `what` fails, the error's
    first line, and what to do. Lack of memory and attnviz's own errors pass."""
    try:
        yield
    except (InputError, torch.OutOfMemoryError, MemoryError):
        raise
    except BaseException as error:
        # A panic of a tokenizer's Rust code is no Exception.
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        if _is_ours(error):
            raise
        raise InputError(f"{what}: {first_line(error)}; {advice}") from error


def _is_ours(error: BaseException) -> bool:
    """Whether an error was raised by a line of attnviz's own below the one that the context is
    around, and not by a library."""
    trace: TracebackType | None = error.__traceback__
    files = []
    while trace is not None:
        files.append(trace.tb_frame.f_code.co_filename)
        trace = trace.tb_next
    # The first two frames are of this module and of the line within the context.
    return len(files) > 2 and files[-1].startswith(_PACKAGE)


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
