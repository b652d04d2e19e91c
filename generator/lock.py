"""Writes the versions of all packages that `make` installs: constraints.txt and generator/locked.

    pip install uv
    python generator/lock.py              after a change of pyproject.toml, or of a direct pin
    python generator/lock.py --upgrade    the newest of what direct dependencies bring along

constraints.txt has the direct dependencies above its last heading, each in a version chosen by
hand, and what they bring along below it, on every platform. The files of generator/locked have the
same versions with the SHA-256 of each file of the index, a file for each set of `make`, without
what a set before it has.

torch, and what a build of it for NVIDIA's cards brings along, have a version and no hash: torch
comes in many builds under one version, from several indexes, and which one suits a machine is its
owner's choice. A hash would forbid all but the index's own.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tomllib
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

ROOT: Final = Path(__file__).parents[1]
CONSTRAINTS: Final = ROOT / "constraints.txt"
LOCKED: Final = ROOT / "generator" / "locked"
HEADING: Final = "# what these bring along (written by generator/lock.py)\n"

SETS: Final = {
    "report": (["quickstart"], []),
    "docs": (["docs"], ["report"]),
    "test": (["test"], ["report", "docs"]),
    "bench": (["bench"], ["report"]),
}
"""Each set's extras of pyproject.toml, and the sets that `make` installs before it."""

UNHASHED: Final = re.compile(r"torch|triton|cuda-.*|nvidia-.*")


def main() -> None:
    """Resolves all extras together, so that each package has one version in every set."""
    pins = CONSTRAINTS.read_text(encoding="utf-8")
    direct, _, indirect = pins.partition(HEADING)
    kept = direct if "--upgrade" in sys.argv else direct + indirect
    requirements = resolve(["--all-extras", "--generate-hashes"], kept)
    write_constraints(direct, requirements)
    versions = "\n".join(pin for pin, _ in requirements.values())
    names = {
        group: set(resolve([f"--extra={extra}" for extra in extras], versions))
        for group, (extras, _) in SETS.items()
    }
    for group, (_, before) in SETS.items():
        rest = names[group].difference(*(names[earlier] for earlier in before))
        hashed = [requirements[name][1] for name in sorted(rest) if not UNHASHED.fullmatch(name)]
        (LOCKED / f"{group}.txt").write_text("".join(hashed), encoding="utf-8")


def resolve(arguments: list[str], constraints: str) -> dict[str, tuple[str, str]]:
    """By package name: its line for constraints.txt, and its lines with hashes. A package may have
    several versions, for several Pythons: then several lines."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    with TemporaryDirectory() as folder:
        pins, build = Path(folder, "constraints.txt"), Path(folder, "build.txt")
        pins.write_text(constraints, encoding="utf-8")
        build.write_text("\n".join(project["build-system"]["requires"]), encoding="utf-8")
        command = [
            *("uv", "pip", "compile", "--quiet", "--universal", "--no-header", "--no-annotate"),
            *("--constraints", str(pins), "--python-version", "3.11", *arguments),
            *("pyproject.toml", str(build)),
        ]
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=False)
    if done.returncode:
        sys.exit(done.returncode)  # uv has said why
    blocks = re.split(r"^(?=\S)", done.stdout, flags=re.MULTILINE)
    requirements: dict[str, tuple[str, str]] = {}
    for block in filter(None, blocks):
        name = block.partition("==")[0].lower()
        pin, hashes = requirements.get(name, ("", ""))
        line = block.splitlines()[0].removesuffix("\\").rstrip()
        requirements[name] = (f"{pin}{line}\n", hashes + block)
    return requirements


def write_constraints(direct: str, requirements: dict[str, tuple[str, str]]) -> None:
    """Keeps what is written by hand, and writes what is not named there below it."""
    by_hand = {
        line.partition("==")[0].lower().replace(".", "-")
        for line in direct.splitlines()
        if "==" in line
    }
    rest = [pin for name, (pin, _) in sorted(requirements.items()) if name not in by_hand]
    text = direct + HEADING + "".join(rest)
    CONSTRAINTS.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
