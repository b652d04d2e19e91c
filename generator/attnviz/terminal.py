"""What the command line prints: results, errors, and progress, which is on standard error: bars
with the time that is left on a terminal, plain lines elsewhere.

Texts and names are the user's or somebody's else, so a terminal never gets a control character of
theirs.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import signal
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from types import FrameType
from typing import TYPE_CHECKING, Any, TextIO, cast

from attnviz.engine.progress import Progress, T

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

# C0, DEL, C1, and lone surrogates, as which Python reads bytes that are not UTF-8. A line that goes
# on after a line break is indented; no other line break is ours.
_CONTROL = re.compile("(?!\n  )[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_NOT_OF_STREAMS = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
"""Of what libraries print, their progress among it: lines may end, and begin anew."""
_NOT_OF_JSON = re.compile("[\x7f-\x9f\ud800-\udfff]")


def say(*lines: str, err: bool = False) -> None:
    """Print lines, with escapes in place of control characters, on standard output or error."""
    for line in lines:
        print(visible(line), file=sys.stderr if err else sys.stdout, flush=True)


def say_object(value: Any) -> None:
    """Print a value as JSON on one line."""
    text = json.dumps(value, ensure_ascii=False)
    print(_NOT_OF_JSON.sub(lambda match: f"\\u{ord(match[0]):04x}", text), flush=True)


def visible(text: str) -> str:
    r"""The text as a terminal may show it.

    >>> visible("a \x1b[31m red\ncat")
    'a \\x1b[31m red\\ncat'
    """
    return _CONTROL.sub(_escape, text)


def _escape(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Within this context standard output and error pass on no control characters of whatever is
    printed to them, by libraries and in traces of errors too."""
    out, err = sys.stdout, sys.stderr
    sys.stdout, sys.stderr = cast(TextIO, _Guarded(out)), cast(TextIO, _Guarded(err))
    try:
        yield
    finally:
        sys.stdout, sys.stderr = out, err


class _Guarded(io.TextIOBase):
    """A stream whose control characters are shown, and what its encoding lacks; it gives its bytes'
    stream to nobody."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream

    @property
    def encoding(self) -> str:  # type: ignore[override]
        return self.stream.encoding or "utf-8"

    def write(self, text: str) -> int:
        shown = _NOT_OF_STREAMS.sub(_escape, text)
        self.stream.write(shown.encode(self.encoding, "backslashreplace").decode(self.encoding))
        return len(text)

    @property
    def closed(self) -> bool:
        return self.stream.closed

    def writable(self) -> bool:
        return True

    def flush(self) -> None:
        self.stream.flush()

    def isatty(self) -> bool:
        return self.stream.isatty()

    def fileno(self) -> int:
        return self.stream.fileno()


@contextlib.contextmanager
def progress_for(quiet: bool) -> Iterator[Progress]:
    """The progress that fits: none, bars, or lines. Ctrl-C and SIGTERM are answered with how to go
    on."""
    try:
        with _sigterm_as_ctrl_c():
            if quiet:
                yield Progress()
            elif sys.stderr.isatty():
                with _bars() as bars:
                    yield _Bars(bars)
            else:
                yield _Lines()
    except KeyboardInterrupt:
        # joblib warns of the jobs that end with the build.
        warnings.simplefilter("ignore")
        say("", "Stopped. Finished work is kept: run the same command again to go on.", err=True)
        raise SystemExit(130) from None


@contextlib.contextmanager
def _sigterm_as_ctrl_c() -> Iterator[None]:
    """Within this context SIGTERM raises KeyboardInterrupt, so that the build leaves its work
    tidy."""

    def interrupt(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    before = signal.signal(signal.SIGTERM, interrupt)
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


def _bars() -> Bars:
    from rich.console import Console
    from rich.progress import (
        BarColumn,
        Progress,
        TaskProgressColumn,
        TextColumn,
        TimeElapsedColumn,
        TimeRemainingColumn,
    )

    columns = (
        TextColumn("{task.description:<24}", markup=False),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    # Rich draws with sequences of its own, so it has the stream behind the guard.
    terminal = sys.stderr.stream if isinstance(sys.stderr, _Guarded) else sys.stderr
    return Progress(*columns, console=Console(file=terminal))


class _Bars(Progress):
    def __init__(self, bars: Bars) -> None:
        self._drawn = bars

    def steps(self, stage: str, items: Iterable[T], sizes: list[float]) -> Iterator[T]:
        task = self._drawn.add_task(visible(stage), total=sum(sizes))
        for item, size in zip(items, sizes, strict=True):
            yield item
            self._drawn.advance(task, size)

    def note(self, message: str) -> None:
        self._drawn.console.print(visible(message), markup=False, highlight=False)


class _Lines(Progress):
    """One line as a stage begins and ends, and at most one every ten seconds between."""

    def steps(self, stage: str, items: Iterable[T], sizes: list[float]) -> Iterator[T]:
        started = last = time.monotonic()
        done, total = 0.0, sum(sizes)
        self.note(f"{stage} …")
        for item, size in zip(items, sizes, strict=True):
            yield item
            done += size
            now = time.monotonic()
            if now - last > 10 and 0 < done < total:
                left = (now - started) / done * (total - done)
                self.note(f"{stage}: {done / total:.0%}, about {left:.0f} s left")
                last = now
        self.note(f"{stage}: done in {time.monotonic() - started:.1f} s")

    def note(self, message: str) -> None:
        say(message, err=True)
