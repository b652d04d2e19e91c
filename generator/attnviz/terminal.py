"""Progress on a terminal as bars with the time that is left; elsewhere as plain lines. Always on
standard error."""

from __future__ import annotations

import contextlib
import signal
import sys
import time
import warnings
from collections.abc import Iterable, Iterator
from types import FrameType

from rich.console import Console
from rich.progress import (
    BarColumn,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.progress import Progress as Bars

from attnviz.engine.progress import Progress, T


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
        print(
            "\nStopped. Finished work is kept: run the same command again to go on.",
            file=sys.stderr,
        )
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
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TextColumn("left"),
        TimeRemainingColumn(),
    )
    return Bars(*columns, console=Console(stderr=True))


class _Bars(Progress):
    def __init__(self, bars: Bars) -> None:
        self._drawn = bars

    def steps(self, stage: str, items: Iterable[T], sizes: list[float]) -> Iterator[T]:
        task = self._drawn.add_task(stage, total=sum(sizes))
        for item, size in zip(items, sizes, strict=True):
            yield item
            self._drawn.advance(task, size)

    def note(self, message: str) -> None:
        self._drawn.console.print(message, markup=False, highlight=False)


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
            if now - last > 10 and done < total:
                left = (now - started) / done * (total - done)
                self.note(f"{stage}: {done / total:.0%}, about {left:.0f} s left")
                last = now
        self.note(f"{stage}: done in {time.monotonic() - started:.1f} s")

    def note(self, message: str) -> None:
        print(message, file=sys.stderr, flush=True)
