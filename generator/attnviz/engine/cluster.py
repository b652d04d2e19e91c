"""A Dask cluster to make maps on: joblib's backend for as long as a build runs, if the cluster can
serve it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import joblib

from attnviz._version import __version__
from attnviz.errors import InputError

PACKAGES: Final = ("torch", "numpy", "scikit-learn", "umap-learn", "numba")
"""What the bytes of maps depend on, beside attnviz itself."""

_WAIT: Final = 10.0
"""Seconds that a scheduler has to answer."""


@contextmanager
def on_cluster(address: str, cache: Path) -> Iterator[None]:
    """Within this context jobs go to the workers of a Dask scheduler, such as tcp://10.0.0.5:8786.

    Workers read what was captured from the cache, so it has to lie where all of them see it under
    the same path. Each worker needs one thread, and the versions installed here, for maps of the
    same bytes as anywhere. Raises InputError where the cluster is not so.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError("--cluster needs Dask: pip install 'attnviz[cluster]'") from error
    cache.mkdir(parents=True, exist_ok=True)
    try:
        client = Client(  # type: ignore[no-untyped-call]
            address, timeout=_WAIT, set_as_default=False
        )
    except (OSError, ValueError) as error:
        raise InputError(
            f"--cluster {address}: no scheduler answers there; `dask scheduler` starts one and says"
            " its address"
        ) from error
    with client:
        _refuse_unfit(address, client, cache)
        with joblib.parallel_config("dask", client=client):
            yield


def _refuse_unfit(address: str, client: Any, cache: Path) -> None:
    threads: Mapping[str, int] = client.nthreads()
    if not threads:
        raise InputError(
            f"--cluster {address}: it has no workers; start some with `dask worker {address}"
            " --nthreads 1`"
        )
    if many := [worker for worker, count in threads.items() if count != 1]:
        raise InputError(
            f"--cluster {address}: {_named(many)} runs several threads, among which maps would not"
            " come out the same; start workers with --nthreads 1, and --nworkers for more of them"
        )
    try:
        surveys: Mapping[str, tuple[bool, dict[str, str]]] = client.run(survey, str(cache))
    except ImportError as error:
        raise InputError(
            f"--cluster {address}: attnviz is not installed on its workers ({error})"
        ) from error
    if blind := [worker for worker, (sees, _) in surveys.items() if not sees]:
        raise InputError(
            f"--cluster {address}: {_named(blind)} does not see --cache {cache}; name a folder that"
            " all machines share"
        )
    here = survey(str(cache))[1]
    for worker, (_, versions) in surveys.items():
        if unlike := [
            f"{name} {versions[name]}, not {here[name]}"
            for name in here
            if versions[name] != here[name]
        ]:
            raise InputError(
                f"--cluster {address}: {worker} has {'; '.join(unlike)}; install the same versions"
                " there"
            )


def survey(folder: str) -> tuple[bool, dict[str, str]]:
    """Of the machine this runs on: whether it sees the folder, and the versions that maps depend
    on."""
    return Path(folder).is_dir(), {"attnviz": __version__} | {
        name: version(name) for name in PACKAGES
    }


def _named(workers: list[str]) -> str:
    return workers[0] if len(workers) == 1 else f"{workers[0]} (and {len(workers) - 1} more)"
