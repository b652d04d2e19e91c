"""Fixtures for all Python tests. What is dear is made once a session and shared by all workers
through a folder."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path
from zlib import crc32

import pytest
from filelock import FileLock
from hypothesis import settings

# The same examples in every run, however busy the machine is.
settings.register_profile("attnviz", deadline=None, derandomize=True)
settings.load_profile("attnviz")

if "PYTEST_XDIST_WORKER" in os.environ:
    # One thread a worker: the processors are the workers' to share.
    os.environ.setdefault("OMP_NUM_THREADS", "1")

ROOT = Path(__file__).parents[1]

Shared = Callable[[str, Callable[[Path], object]], Path]
"""`shared(name, make)`: the folder that `make(folder)` filled, by whichever worker came first."""


def seed_torch(name: str) -> None:
    """Let what torch draws without a generator depend on the name alone, not on what ran before."""
    if torch := sys.modules.get("torch"):
        torch.manual_seed(crc32(name.encode()))


@pytest.hookimpl(tryfirst=True)
def pytest_fixture_setup(fixturedef: pytest.FixtureDef[object]) -> None:
    seed_torch(fixturedef.argname)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_call(item: pytest.Item) -> None:
    seed_torch(item.nodeid)


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Shared:
    base = tmp_path_factory.getbasetemp()
    root = (base if worker_id == "master" else base.parent) / "shared"
    root.mkdir(exist_ok=True)

    def folder(name: str, make: Callable[[Path], object]) -> Path:
        done, making = root / name, root / f"{name}.making"
        with FileLock(root / f"{name}.lock"):
            if not done.is_dir():
                seed_torch(name)
                making.mkdir()
                make(making)
                making.rename(done)
        return done

    return folder


@pytest.fixture(scope="session")
def quickstart_report(shared: Shared) -> Path:
    """The folder of the quickstart's report, built from MiniLM's real weights. Not to be
    changed."""
    from tests.fixtures.reports import build

    return shared("quickstart", lambda folder: build(ROOT / "corpora" / "quickstart.yaml", folder))


@pytest.fixture(scope="session")
def tiny_model(shared: Shared) -> Callable[[str], Path]:
    """`tiny_model(family)`: the folder of a tiny random model. Not to be changed."""
    from tests.fixtures.models import save_model

    return lambda family: shared(f"model-{family}", lambda folder: save_model(family, folder))


@pytest.fixture(scope="session")
def tiny_report(shared: Shared, tiny_model: Callable[[str], Path]) -> Callable[[str], Path]:
    """`tiny_report(family)`: the folder of its report on short texts (dense) and long ones
    (query–key)."""
    from tests.fixtures.reports import build, tiny_corpus

    def report(family: str) -> Path:
        model = tiny_model(family)
        return shared(f"report-{family}", lambda folder: build(tiny_corpus(family, model), folder))

    return report


@pytest.fixture(scope="session")
def hybrid_report(shared: Shared, tiny_model: Callable[[str], Path]) -> Callable[[str], Path]:
    """`hybrid_report(family)`: the folder of a small report on a model with softmax attention in
    its last layer alone."""
    from tests.fixtures.reports import build, short_corpus

    def report(family: str) -> Path:
        model = tiny_model(family)
        return shared(f"hybrid-{family}", lambda folder: build(short_corpus(family, model), folder))

    return report


@pytest.fixture(scope="session")
def hostile_report(shared: Shared) -> Path:
    """The folder of a report in which every text, token, title and source tries to be something
    else."""
    from tests.fixtures.hostile import build_hostile

    return shared("hostile", build_hostile)


@pytest.fixture
def attnviz_command(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """`attnviz_command(*args)`: run the command line in this process; exit code and both
    outputs."""
    from attnviz import cli

    def run(*args: object) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["attnviz", *map(str, args)])
        capfd.readouterr()
        code = 0
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else int(bool(ended.code))
        return code, *capfd.readouterr()

    return run
