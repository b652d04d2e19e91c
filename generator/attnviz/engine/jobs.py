"""Jobs: calls on their way to workers, and what a worker does with one.

A job has the key of its result. Whoever makes it looks whether the result is there, makes it
otherwise and keeps it in the cache, which all share: so a job may run twice, or again elsewhere
when its worker was lost, and comes out as one result.
"""

from __future__ import annotations

import functools
import hashlib
import importlib
import platform
import sys
import threading
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, Final

from attnviz._version import __version__
from attnviz.engine.addresses import is_address
from attnviz.engine.collector import loading
from attnviz.engine.freed import give_back
from attnviz.engine.keys import packages_of
from attnviz.engine.memory import Memory
from attnviz.engine.sources import own_sources
from attnviz.engine.step import Step
from attnviz.engine.travelling import unpack
from attnviz.engine.values import to_json
from attnviz.errors import InputError

PACKAGES: Final = (
    "torch", "transformers", "tokenizers", "numpy", "scipy", "scikit-learn", "umap-learn", "numba",
    "pyarrow",
)  # fmt: skip
"""What the bytes of results depend on, beside attnviz itself."""

_ALONE: Final = threading.Lock()
"""A process makes one job at a time: threads, seeds and the like are settings of the process."""


@dataclass(frozen=True)
class Job:
    """A call as bytes, with the name of its step and its key; the cache that its inputs are in and
    its result goes to; the versions that whoever makes it has to have, and what that one loads
    before."""

    step: str
    key: str
    payload: bytes
    cache: str
    versions: Mapping[str, str]
    loads: Collection[str] = ()


def make(job: Job) -> None:
    """Make a job in this process, on one thread, and keep its result.

    Raises InputError if this machine has other versions, or does not see the cache; else what the
    call raises.
    """
    with _ALONE:
        _refuse_unlike(job.versions)
        memory = _memory(job.cache)
        if memory.recall(job.step, job.key) is None:
            _make(job, memory)


def _make(job: Job, memory: Memory) -> None:
    from attnviz.engine.surroundings import undisturbed

    missing = [package for package in job.loads if package not in sys.modules]
    if missing:
        with loading():
            for package in missing:
                importlib.import_module(package)
    with undisturbed(threads=1):
        call = unpack(job.payload, memory.find)
        memory.keep(job.step, job.key, lambda into: to_json(call.step, call.make(into)))
    give_back()


def loads_for(step: Step[Any, Any]) -> list[str]:
    """What is loaded before a step is made: what its function can reach and `undisturbed` has to
    set, or it would come later and be as it likes. A worker whose steps need no torch does without
    it."""
    return sorted({"torch", "transformers"} & packages_of(step))


@functools.cache
def _memory(cache: str) -> Memory:
    if not is_address(cache) and not Path(cache).is_dir():
        raise InputError(
            f"--cache {cache}: the worker on {platform.node()} does not see it; name a folder that"
            " all machines share"
        )
    return Memory(cache)


@functools.cache
def survey() -> Mapping[str, str]:
    """What results depend on of what is installed in this process: versions, and a digest of
    attnviz's own sources."""
    digest = hashlib.sha256()
    sources = own_sources()
    for name in sorted(sources.files):
        digest.update(name.encode() + hashlib.sha256(sources.text(name)).digest())
    versions = {name: _version(name) for name in PACKAGES}
    about = {"python": platform.python_version(), "attnviz": __version__}
    return about | versions | {"attnviz's sources": digest.hexdigest()[:12]}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "none"


def _refuse_unlike(versions: Mapping[str, str]) -> None:
    mine = survey()
    unlike = [
        f"{name} {mine.get(name)}, not {version}"
        for name, version in versions.items()
        if mine.get(name) != version
    ]
    if unlike:
        raise InputError(
            f"--cluster: the worker on {platform.node()} has {'; '.join(unlike)}; install the same"
            " versions there"
        )


def gone(what: str) -> InputError:
    """What is said when no worker is left, or a job ends every worker that takes it."""
    return InputError(
        f"--cluster: {what}; what was made is kept: run the same command again to go on from there"
    )
