"""Events that the measured process sends to the watching one: lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from attnviz.engine.progress import Progress, T

REST = "the rest"


def emit(**event: Any) -> None:
    """Print an event as a line."""
    print(json.dumps(event), flush=True)


class EventProgress(Progress):
    """Progress as events: which stage begins."""

    def steps(self, stage: str, items: Iterable[T], sizes: list[float]) -> Iterator[T]:
        emit(stage=stage)
        yield from items
        emit(stage=REST)
