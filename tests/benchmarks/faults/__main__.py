"""The campaign of faults, or a part of it: what was tried, what held, what failed and how.

python -m tests.benchmarks.faults                                # all of it, about an hour
python -m tests.benchmarks.faults --share 0.01 --seed 3          # a hundredth of each kind
python -m tests.benchmarks.faults --kills 50 --share 0           # kills alone

A try follows from the seed, its kind and its number alone.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Final

from tests.benchmarks.faults import builds, flips, inputs, strings
from tests.benchmarks.faults.ground import Ground, prepare

Try = Callable[[Ground, int, random.Random], str | None]
"""One try of a kind, by its number and its random numbers: what failed, or None if it held."""

KINDS: Final[dict[str, tuple[int, Try]]] = {
    "kills": (500, builds.kill),
    "flips": (2000, flips.flip),
    "inputs": (1000, inputs.broken_input),
    "strings": (1000, strings.hostile_string),
    "cache": (240, builds.damaged_cache),
    "two-builds": (50, builds.two_builds),
    "full-disk": (50, builds.full_disk),
    "read-only": (50, builds.read_only),
}
"""Every kind, with how often the whole campaign tries it."""


@dataclass
class Tally:
    """How a kind went: tries, those that held and failed, seconds by the clock, and the faults with
    the numbers of their tries."""

    kind: str
    tried: int = 0
    seconds: float = 0.0
    faults: dict[int, str] = field(default_factory=dict)

    @property
    def failed(self) -> int:
        return len(self.faults)

    def to_dict(self) -> dict[str, object]:
        held = self.tried - self.failed
        return asdict(self) | {"held": held, "failed": self.failed}


_WORD: Final = 30.0
"""Seconds from one line of progress to the next."""


def run_kind(ground: Ground, kind: str, numbers: Sequence[int], seed: int) -> Tally:
    """Try a kind so many times."""
    tally, started = Tally(kind), time.monotonic()
    last = started
    for number in numbers:
        fault = _tried(ground, kind, number, seed)
        tally.tried += 1
        if fault:
            tally.faults[number] = fault
            print(f"  {kind} {number}: {fault}", flush=True)
        if time.monotonic() - last > _WORD:
            last = time.monotonic()
            print(f"  {kind}: {tally.tried} of {len(numbers)}", flush=True)
    tally.seconds = round(time.monotonic() - started, 1)
    return tally


def _tried(ground: Ground, kind: str, number: int, seed: int) -> str | None:
    try:
        return KINDS[kind][1](ground, number, random.Random(f"{seed} {kind} {number}"))
    except Exception as error:  # of what looks at the result: a fault, too
        return f"{type(error).__name__}: {error}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what is asked for; 1 where something failed."""
    options = _options(arguments)
    os.environ |= {"HF_HUB_OFFLINE": "1"}
    tallies = []
    with tempfile.TemporaryDirectory() as folder:
        ground = prepare(Path(folder))
        for kind, (count, _) in KINDS.items():
            asked = getattr(options, kind.replace("-", "_"))
            total = round(count * options.share) if asked is None else asked
            if total:
                numbers = range(options.first, options.first + total)
                tallies.append(run_kind(ground, kind, numbers, options.seed))
                print(_line(tallies[-1], options.seed), flush=True)
    if options.json:
        values = {"seed": options.seed, "kinds": [tally.to_dict() for tally in tallies]}
        options.json.write_text(json.dumps(values, indent=1) + "\n", "utf-8")
    return int(any(tally.failed for tally in tallies))


def _line(tally: Tally, seed: int) -> str:
    return (
        f"{tally.kind}, seed {seed}: {tally.tried} tried, {tally.tried - tally.failed} held,"
        f" {tally.failed} failed; {tally.seconds:.0f} s"
    )


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks.faults", description=__doc__.split("\n")[0]
    )
    parser.add_argument("--seed", type=int, default=0, help="another seed, other tries")
    parser.add_argument("--share", type=float, default=1.0, help="how much of each kind's count")
    parser.add_argument("--first", type=int, default=0, help="the number of the first try")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    for kind, (count, _) in KINDS.items():
        parser.add_argument(f"--{kind}", type=int, metavar="N", help=f"so many; all are {count}")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
