"""What the measured process tells the watching one: lines of JSON."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from attnviz.engine.progress import Progress, T

REST = "the rest"


def say(**event: Any) -> None:
    print(json.dumps(event), flush=True)


class Said(Progress):
    """Tells the watching process which stage begins."""

    def steps(self, stage: str, items: Iterable[T], sizes: list[float]) -> Iterator[T]:
        say(stage=stage)
        yield from items
        say(stage=REST)
