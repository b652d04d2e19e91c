"""The versions that a result depends on: of Python, of attnviz, of the packages that are imported
for it."""

from __future__ import annotations

import functools
import platform
import re
from collections.abc import Mapping
from importlib.metadata import (
    Distribution,
    PackageNotFoundError,
    distributions,
    requires,
    version,
)
from inspect import getmodulename
from typing import Final

from attnviz._version import __version__

REPORTED: Final = ("torch", "transformers", "numpy", "pyarrow", "scikit-learn")
"""The distributions whose versions a report names."""

_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")


def reported_versions() -> dict[str, str]:
    """The versions that a report names, by distribution."""
    return {"python": platform.python_version()} | {name: version(name) for name in REPORTED}


@functools.cache
def versions_of(packages: frozenset[str]) -> Mapping[str, str]:
    """The versions of what these packages (by the names they are imported by) are installed from,
    and of what those require; attnviz's, Python's and the machine's kind."""
    names = {name for package in packages for name in _distributions(package)}
    names |= {required for name in names for required in _required(name)}
    installed = {name.lower(): text for name in names if (text := _version(name)) is not None}
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    return machine | {"attnviz": __version__} | dict(sorted(installed.items()))


@functools.cache
def _distributed() -> dict[str, list[Distribution]]:
    """Distributions by the names that are imported of them: `packages_distributions`, which reads
    the paths of every file one by one and what each distribution says of itself."""
    by_name: dict[str, list[Distribution]] = {}
    for distribution in distributions():
        for name in _imported_of(distribution):
            by_name.setdefault(name, []).append(distribution)
    return by_name


def _imported_of(distribution: Distribution) -> set[str]:
    """The names of its packages and modules, as it declares them or by where its files lie."""
    declared = (distribution.read_text("top_level.txt") or "").split()
    if declared:
        return set(declared)
    record = distribution.read_text("RECORD")
    if record is None:
        paths = [str(file) for file in distribution.files or ()]
    else:
        paths = [line.partition(",")[0].strip('"') for line in record.splitlines()]
    folders = {path.partition("/")[0] for path in paths if "/" in path}
    modules = {getmodulename(path) or "" for path in paths if "/" not in path}
    return {name for name in folders | modules if name and "." not in name}


@functools.cache
def _distributions(package: str) -> list[str]:
    """The names of what a package is installed from."""
    return sorted({each.metadata["Name"] for each in _distributed().get(package, ())})


@functools.cache
def _required(name: str) -> tuple[str, ...]:
    """The distributions that one requires, those of its extras left out."""
    lines = [line for line in requires(name) or () if "extra ==" not in line]
    return tuple(match.group() for line in lines if (match := _NAME.match(line)))


@functools.cache
def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None
