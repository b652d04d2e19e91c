"""Every step on other workers: two of each engine, one of them lost in the midst, make the same
bytes as one process; and a cluster that could not is refused in words."""

from __future__ import annotations

import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from dask_jobqueue.local import LocalCluster as QueuedCluster
from distributed import Client, LocalCluster
from ray.cluster_utils import Cluster

import attnviz
from attnviz.engine import dask_workers, jobs
from attnviz.engine.engine import Engine
from attnviz.engine.workers import workers_at
from attnviz.errors import InputError
from tests.fixtures.command import run_apart, write_corpus
from tests.fixtures.files import tree
from tests.fixtures.models import sentences
from tests.fixtures.slow_steps import slow
from tests.fixtures.trapped import save_trapped, set_trap, times_made


class Alone(NamedTuple):
    """A corpus, its model, and the report that one process made of it."""

    corpus: Path
    model: Path
    report: Path


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Alone:
    folder = tmp_path_factory.mktemp("alone")
    model = save_trapped(folder / "model")
    corpus = write_corpus(
        folder / "corpus.yaml",
        "",
        *sentences(1, (9, 30, 60, 80)),
        models=[{"name": "tiny", "source": str(model), "trust_remote_code": True}],
        maps={"methods": ["attention", "pca"], "dimensions": [2]},
        batch_tokens=64,
    )
    end = run_apart("build", corpus, "--out", folder / "report", "--cache", folder / "cache")
    assert end.code == 0, end.err
    return Alone(corpus, model, folder / "report")


@contextmanager
def of_this_machine() -> Iterator[str]:
    yield "local:2"


@contextmanager
def of_dask() -> Iterator[str]:
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as cluster:
        yield cluster.scheduler_address


@contextmanager
def of_ray() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as server:  # free again when it is asked for
        port = server.getsockname()[1]
    # Ray gives a client's server half a minute to start, which a busy machine may not suffice for.
    os.environ.setdefault("RAY_CLIENT_SERVER_CHECK_CHANNEL_TIMEOUT_S", "300")
    head = {"num_cpus": 2, "include_dashboard": False, "ray_client_server_port": port}
    cluster = Cluster(initialize_head=True, head_node_args=head)
    try:
        yield f"ray://127.0.0.1:{port}"
    finally:
        cluster.shutdown()


ENGINES = {"local": of_this_machine, "Dask": of_dask, "Ray": of_ray}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_worker_lost_in_the_midst_changes_no_byte(
    engine: str, alone: Alone, tmp_path: Path
) -> None:
    with ENGINES[engine]() as address, set_trap(alone.model) as lost:
        end = run_apart(
            *("build", alone.corpus, "--cluster", address),
            *("--out", tmp_path / "report", "--cache", tmp_path / "cache"),
        )
    assert end.code == 0, end.err
    assert len(lost) == 1
    assert "is made in this process" not in end.err
    # Looked at without weights, and loaded: by each worker once for all of its jobs.
    assert set(times_made(alone.model).values()) == {2}
    assert tree(tmp_path / "report") == tree(alone.report)


def test_a_client_of_dask_jobqueue_serves(alone: Alone, tmp_path: Path) -> None:
    options = {"cores": 1, "processes": 1, "memory": "2GB"}
    with QueuedCluster(**options) as queued, Client(queued, set_as_default=False) as client:
        queued.scale(1)
        attnviz.build(alone.corpus, tmp_path / "report", tmp_path / "cache", client)
        counts = client.run(lambda dask_worker: dask_worker.state.executed_count)
        assert sum(counts.values()) > 0
    assert tree(tmp_path / "report") == tree(alone.report)


@pytest.mark.parametrize("lost", ["workers", "scheduler"])
def test_where_nobody_is_left_the_build_says_so(
    lost: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dask_workers, "_LOOK", 0.1)
    monkeypatch.setattr(dask_workers, "_PATIENCE", 0.5)
    with (
        LocalCluster(
            n_workers=1,
            threads_per_worker=1,
            processes=True,
            dashboard_address=None,
            silence_logs=50,
        ) as cluster,
        workers_at(cluster.scheduler_address) as workers,
    ):
        engine = Engine(tmp_path / "cache", workers=workers)
        with engine.at_work():
            first, *_ = calls = [slow.of(str(tmp_path), seconds) for seconds in (0.0, 600.0)]
            pieces = engine.each("slow", calls, [1.0, 1.0])
            pid = next(pieces).value
            if lost == "workers":
                cluster.scale(0)
            else:
                cluster.close()
            with pytest.raises(InputError, match="what was made is kept: run the same command"):
                next(pieces)
            assert Engine(tmp_path / "cache").run(first).value == pid


class Fake:
    """A client of a cluster that is as told."""

    def __init__(self, threads: dict[str, int]) -> None:
        self.threads = threads

    def nthreads(self) -> dict[str, int]:
        return self.threads


@pytest.mark.parametrize(
    ("threads", "words"),
    [
        ({}, "no workers"),
        ({"tcp://a": 4, "tcp://b": 4}, r"tcp://a \(and 1 more\) runs several threads"),
    ],
)
def test_a_cluster_that_cannot_work_is_refused(threads: dict[str, int], words: str) -> None:
    with pytest.raises(InputError, match=words):
        dask_workers.refuse_unfit("tcp://scheduler", Fake(threads))


JOB = jobs.Job("capture", "0" * 32, b"", "/nowhere", jobs.survey())


@pytest.mark.parametrize(
    ("job", "words"),
    [
        (JOB, "--cache /nowhere: the worker on .* does not see it"),
        (
            replace(JOB, versions={**JOB.versions, "numpy": "1.0"}),
            r"the worker on .* has numpy \d.*, not 1.0; install the same versions there",
        ),
    ],
)
def test_a_worker_that_would_not_make_the_same_refuses(job: jobs.Job, words: str) -> None:
    with pytest.raises(InputError, match=words):
        jobs.make(job)


@pytest.mark.parametrize(
    ("answer", "asked"), [("Initialization failure from server: gone", 3), ("nobody there", 1)]
)
def test_a_ray_cluster_whose_server_fails_to_start_is_asked_again(
    answer: str, asked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    times = []

    def refuse(*address: str, **options: bool) -> None:
        times.append(address)
        raise ConnectionError(answer)

    monkeypatch.setattr("ray.init", refuse)
    with pytest.raises(InputError, match=f"no Ray cluster answers there .{answer}"):
        workers_at("ray://127.0.0.1:10001").__enter__()
    assert len(times) == asked


def test_where_no_scheduler_answers_the_command_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask_workers, "_WAIT", 0.5)
    with socket.socket() as port:
        port.bind(("127.0.0.1", 0))  # it is nobody else's, and does not listen
        address = f"tcp://127.0.0.1:{port.getsockname()[1]}"
        with pytest.raises(InputError, match="no scheduler answers there"), workers_at(address):
            pass


@pytest.mark.parametrize("address", ["local:0", "local:many", "here", 7])
def test_what_is_no_cluster_is_refused(address: Any) -> None:
    with pytest.raises(InputError, match="expected"), workers_at(address):
        pass
