"""Time, memory and bytes of attnviz as ratios to a named peer or limit. `make bench`; no test,
because time varies.

python -m tests.benchmarks                          # all of them, some minutes
python -m tests.benchmarks capture stages           # some
python -m tests.benchmarks --json figures.json      # as numbers, too
python -m tests.benchmarks faults --share 0.01      # a hundredth of the campaign of faults
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.benchmarks import (
    capture,
    drawing,
    effects,
    faults,
    growth,
    incremental,
    kept,
    length,
    long,
    manifest,
    maps,
    scale,
    size,
    stages,
    start,
    viewer,
    workers,
)
from tests.benchmarks.figures import Result, machine, rendered

BENCHMARKS: dict[str, Callable[..., Result]] = {
    "stages": stages.measure,
    "start": start.measure,
    "incremental": incremental.measure,
    "bytes": size.measure,
    "kept": kept.measure,
    "manifest": manifest.measure,
    "capture": capture.measure,
    "effects": effects.measure,
    "length": length.measure,
    "growth": growth.measure,
    "scale": scale.measure,
    "workers": workers.measure,
    "long": long.measure,
    "maps": maps.measure,
    "viewer": viewer.measure,
    "drawing": drawing.measure,
    "faults": faults.measure,
}
ASKED_FOR = {"faults"}
"""What takes hours, and runs where it is named."""


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(
        prog="python -m tests.benchmarks", description=__doc__.split("\n")[0]
    )
    parser.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help=f"which: {', '.join(BENCHMARKS)}; by default all but faults",
    )
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there, too")
    parser.add_argument("--share", type=float, help="of the campaign of faults, so much")
    parser.add_argument("--seed", type=int, help="of the campaign of faults")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(BENCHMARKS):
        parser.error(
            f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}"
        )
    done = {}
    print(", ".join(f"{name} {value}" for name, value in machine().items()))
    for name in options.names or [name for name in BENCHMARKS if name not in ASKED_FOR]:
        print(f"\n{name}: {BENCHMARKS[name].__doc__}\n", flush=True)
        done[name] = BENCHMARKS[name](*(_campaign(options) if name == "faults" else ()))
        print(rendered(done[name]), flush=True)
    if options.json:
        values = {name: result.to_dict() for name, result in done.items()}
        options.json.write_text(
            json.dumps({"machine": machine(), "benchmarks": values}, indent=1) + "\n", "utf-8"
        )


def _campaign(options: argparse.Namespace) -> list[str]:
    """The options of the campaign of faults that were given."""
    values = {"--share": options.share, "--seed": options.seed}
    return [f"{name}={value}" for name, value in values.items() if value is not None]


if __name__ == "__main__":
    main()
