"""The versions that a result depends on: of Python, of attnviz, of the packages that are imported
for it."""

from __future__ import annotations

import functools
import platform
import re
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, packages_distributions, requires, version
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
    names = {name for package in packages for name in _distributions().get(package, ())}
    names |= {required for name in names for required in _required(name)}
    installed = {name.lower(): text for name in names if (text := _version(name)) is not None}
    machine = {"python": platform.python_version(), "machine": platform.machine()}
    return machine | {"attnviz": __version__} | dict(sorted(installed.items()))


@functools.cache
def _distributions() -> dict[str, list[str]]:
    return {name: sorted(set(names)) for name, names in packages_distributions().items()}


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
