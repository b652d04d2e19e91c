"""The quickstart, built from nothing: seconds and peak memory by stage, against three minutes, 2.5 GB and 20 MB."""

from __future__ import annotations

import tempfile
import threading
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import psutil

from attnviz.cache import Cache
from attnviz.config import load_config
from attnviz.pipeline import build
from attnviz.progress import Progress

QUICKSTART = Path(__file__).parents[2] / "corpora" / "quickstart.yaml"
LIMITS = {"seconds": 180.0, "gigabytes": 2.5, "megabytes of data": 20.0}
BETWEEN = "the rest"
T = TypeVar("T")


class Meter(Progress):
    """Follows a build: which stage it is in, how long each took, and the most memory all processes held in it."""

    def __init__(self) -> None:
        self.stage = BETWEEN
        self.seconds: dict[str, float] = {}
        self.peak: dict[str, int] = {}
        self._since = time.perf_counter()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)

    def __enter__(self) -> Meter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enter(BETWEEN)
        self._stop.set()
        self._thread.join()

    def steps(self, stage: str, items: Iterable[T], sizes: list[float]) -> Iterator[T]:
        self._enter(stage)
        yield from items
        self._enter(BETWEEN)

    def _enter(self, stage: str) -> None:
        now = time.perf_counter()
        self.seconds[self.stage] = self.seconds.get(self.stage, 0.0) + now - self._since
        self.stage, self._since = stage, now

    def _sample(self) -> None:
        """Resident memory of this process and all below it, fifty times a second, in bytes."""
        own = psutil.Process()
        while not self._stop.wait(0.02):
            held = 0
            for process in [own, *own.children(recursive=True)]:
                try:
                    held += process.memory_info().rss
                except psutil.Error:  # it ended between the listing and the question
                    continue
            self.peak[self.stage] = max(self.peak.get(self.stage, 0), held)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder, Meter() as meter:
        report = build(load_config(QUICKSTART), Path(folder, "report"), Cache(Path(folder, "cache")), meter).report
        data = sum(shard.bytes for shard in report.manifest.shards.values())
    for stage, seconds in meter.seconds.items():
        print(f"  {stage:28} {seconds:7.1f} s   {meter.peak.get(stage, 0) / 1e9:5.2f} GB")
    measured = (sum(meter.seconds.values()), max(meter.peak.values()) / 1e9, data / 1e6)
    for (name, limit), value in zip(LIMITS.items(), measured, strict=True):
        print(f"  {value:8.2f} {name:18} {value / limit:6.2f} × the limit of {limit:g}")
