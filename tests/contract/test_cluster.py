"""Maps on a Dask cluster: two local workers make the same bytes, and a cluster that could not is
refused in words."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from distributed import Client, LocalCluster

from attnviz import open_report
from attnviz.engine import cluster
from attnviz.errors import InputError
from tests.fixtures.command import run_apart, write_corpus
from tests.fixtures.models import sentences

Tiny = Callable[[str], Path]


@pytest.fixture(scope="module")
def workers() -> Iterator[LocalCluster]:
    """Two workers, each a process of one thread."""
    with LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs=50
    ) as local_cluster:
        yield local_cluster


def done_by_workers(workers: LocalCluster) -> list[int]:
    """How many tasks each worker has done."""
    with Client(workers, set_as_default=False) as client:
        counted = client.run(lambda dask_worker: dask_worker.state.executed_count)
    return list(counted.values())


def test_the_same_command_on_a_cluster_gives_the_same_bytes(
    workers: LocalCluster, tiny_model: Tiny, tmp_path: Path
) -> None:
    options = {"maps": {"methods": ["attention", "pca", "umap"], "dimensions": [2, 3]}}
    corpus = write_corpus(
        tmp_path / "corpus.yaml", tiny_model("llama"), *sentences(1, (9, 30, 60, 80)), **options
    )
    before = done_by_workers(workers)
    for name, more in (("here", ()), ("there", ("--cluster", workers.scheduler_address))):
        end = run_apart(
            "build", corpus, "--out", tmp_path / name, "--cache", tmp_path / f"cache-{name}", *more
        )
        assert end.code == 0, end.err
    done = [
        after - earlier for earlier, after in zip(before, done_by_workers(workers), strict=True)
    ]
    assert min(done) > 0
    reports = [open_report(tmp_path / name) for name in ("here", "there")]
    maps = [
        {
            name: (report.folder / shard.path).read_bytes()
            for name, shard in report.manifest.shards.items()
            if "map" in name
        }
        for report in reports
    ]
    assert len(maps[0]) == 2 * 6
    assert maps[0] == maps[1]
    assert reports[0].manifest.to_bytes() == reports[1].manifest.to_bytes()


class Fake:
    """A client of a cluster that is as told."""

    def __init__(self, threads: dict[str, int], answer: Any) -> None:
        self.threads, self.answer = threads, answer

    def nthreads(self) -> dict[str, int]:
        return self.threads

    def run(self, function: Any, *args: Any) -> Any:
        if isinstance(self.answer, Exception):
            raise self.answer
        return dict.fromkeys(self.threads, self.answer)


@pytest.mark.parametrize(
    ("threads", "answer", "words"),
    [
        ({}, None, "no workers"),
        ({"tcp://a": 4, "tcp://b": 4}, None, r"tcp://a \(and 1 more\) runs several threads"),
        (
            {"tcp://a": 1},
            ModuleNotFoundError("No module named 'attnviz'"),
            "not installed on its workers",
        ),
        ({"tcp://a": 1}, (False, {}), "tcp://a does not see --cache"),
        (
            {"tcp://a": 1},
            (True, cluster.survey("")[1] | {"numpy": "1.0"}),
            "tcp://a has numpy 1.0, not",
        ),
    ],
)
def test_a_cluster_that_would_not_make_the_same_maps_is_refused(
    threads: dict[str, int], answer: Any, words: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError, match=words):
        cluster._refuse_unfit("tcp://scheduler", Fake(threads, answer), tmp_path)


def test_where_no_scheduler_answers_the_command_says_so(
    tiny_model: Tiny, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:  # free again when it is asked for
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    monkeypatch.setattr(cluster, "_WAIT", 0.5)
    with (
        pytest.raises(InputError, match="no scheduler answers there"),
        cluster.on_cluster(address, tmp_path),
    ):
        pass
