"""Workers that are processes: what they raise, what ends them, and that they end with their
build."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from attnviz.engine import local_workers, machine
from attnviz.engine.engine import Engine
from attnviz.engine.local_workers import LocalWorkers, worthwhile
from attnviz.errors import InputError
from tests.fixtures.slow_steps import deadly, refusing, slow, threads

PROGRAM = """
import sys, time
from pathlib import Path
from attnviz.engine.engine import Engine
from attnviz.engine.local_workers import LocalWorkers
from attnviz.terminal import progress_for
from tests.fixtures.slow_steps import slow

folder = sys.argv[1]
with progress_for(quiet=True), LocalWorkers(2) as workers:
    engine = Engine(Path(folder, "cache"), workers=workers)
    calls = [slow.of(folder, seconds) for seconds in SECONDS]
    with engine.at_work():
        for _ in engine.each("slow", calls, SECONDS):
            Path(folder, "result").touch()
            time.sleep(600)
"""
BUILDS = {
    "waits for its workers": ("[600, 601]", 3),
    "does something else meanwhile": ("[1, 600, 601]", 4),
    "has a worker without a job": ("[600]", 2),
}


def children(parent):
    """The processes, by their ids, that a process started."""
    listing = subprocess.run(["ps", "-eo", "pid,ppid"], capture_output=True, text=True, check=True)
    rows = [tuple(map(int, line.split())) for line in listing.stdout.splitlines()[1:]]
    return {pid for pid, ppid in rows if ppid == parent}


def wait_until(condition, seconds):
    """Whether a condition came true within so many seconds."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.1)
    return True


def alive(processes):
    return {pid for pid in processes if Path(f"/proc/{pid}/cmdline").exists()}


@pytest.mark.skipif(not Path("/proc/self/cmdline").exists(), reason="processes are read from /proc")
@pytest.mark.parametrize("how", ["SIGTERM", "SIGKILL"])
@pytest.mark.parametrize("build", BUILDS)
def test_no_worker_outlives_its_build(tmp_path, build, how):
    seconds, files = BUILDS[build]
    command = [sys.executable, "-c", PROGRAM.replace("SECONDS", seconds), str(tmp_path)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert wait_until(lambda: len(list(tmp_path.iterdir())) >= files, 60)
        workers = children(process.pid)
        assert len(workers) >= (1 if build.endswith("without a job") else 2)
        try:
            process.send_signal(signal.Signals[how])
            _, errors = process.communicate(timeout=5)
            ended = wait_until(lambda: not alive(workers), 5)
        finally:
            for worker in alive(workers):
                os.kill(worker, signal.SIGKILL)
    assert ended
    if how == "SIGTERM":
        assert process.returncode == 130
        assert "run the same command again to go on" in errors
        assert "Traceback" not in errors


@pytest.fixture
def engine(tmp_path):
    with LocalWorkers(2) as workers:
        engine = Engine(tmp_path / "cache", workers=workers)
        with engine.at_work():
            yield engine


def test_results_come_in_order_from_several_processes(engine, tmp_path):
    seconds = [0.4, 0.3, 0.2, 0.1]
    calls = [slow.of(str(tmp_path), each) for each in seconds]
    made = [piece.value for piece in engine.each("slow", calls, seconds)]
    assert len(set(made)) == 2
    assert os.getpid() not in made
    again = [piece.value for piece in engine.each("slow", calls, seconds)]
    assert again == made


def test_what_a_worker_raises_is_raised_here(engine):
    with pytest.raises(InputError) as raised:
        engine.run(refusing.of(3))
    assert raised.value.problems == ["document 3: is wrong", "mend it"]


def test_a_step_that_ends_every_worker_is_given_up(engine, tmp_path):
    before = engine.run(slow.of(str(tmp_path), 0.0)).value
    with pytest.raises(InputError, match=r"“test: deadly” ended .* last of 3 with exit code 7"):
        engine.run(deadly.of(0))
    assert engine.run(slow.of(str(tmp_path), 0.0)).value == before  # what was made is kept


def test_what_cannot_travel_is_made_here(engine, tmp_path):
    notes = []
    engine.progress.note = notes.append
    assert engine.run(slow.of(tmp_path, 0.0)).value == os.getpid()
    assert notes == ["test: slow: is made in this process: folder is a path of this machine"]


def test_what_nobody_foresees_is_tried_here_before_it_is_shared_out(tmp_path, monkeypatch):
    engine = Engine(tmp_path / "cache")

    def processes(name, sizes):
        """Of each call by which process it is made."""
        calls = [slow.of(str(tmp_path / name), size / 100) for size in sizes]
        (tmp_path / name).mkdir()
        return [piece.value for piece in engine.try_and_fan_out("slow", calls, sizes)]

    with engine.at_work():
        assert set(processes("little work", [1.0, 2.0, 3.0])) == {os.getpid()}
        monkeypatch.setattr(local_workers, "usable_processes", lambda: 2)
        monkeypatch.setattr(local_workers, "WORTH", 0.0)
        first, *others = made = processes("worth it", [1.0, 2.0, 3.0, 4.0])
        assert first == os.getpid()
        assert os.getpid() not in others
        assert processes("again", []) == []
        calls = [slow.of(str(tmp_path / "worth it"), size / 100) for size in (1.0, 2.0, 3.0, 4.0)]
        again = engine.try_and_fan_out("slow", calls, [1.0] * 4)
        assert [piece.value for piece in again] == made


def test_a_call_on_one_thread_is_made_so_here_too(tmp_path):
    engine, before = Engine(tmp_path / "cache"), torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with engine.at_work():
            assert engine.run(threads.of(0).on_one_thread()).value == 1
            assert engine.run(threads.of(1)).value == 2
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize(
    ("seconds", "jobs", "memory", "processes"),
    [
        (19, 8, 10**12, 0),  # so little work is this process's
        (60, 1, 10**12, 0),
        (60, 8, 10**12, 6),  # one for each processor
        (60, 3, 10**12, 3),
        (60, 8, 4 * 10**9, 3),  # half of the memory is theirs
        (60, 8, 10**9, 0),
        (60, 8, None, 6),
    ],
)
def test_as_many_processes_as_processors_jobs_and_memory_allow(
    monkeypatch, seconds, jobs, memory, processes
):
    monkeypatch.setattr("joblib.cpu_count", lambda: 6)
    monkeypatch.setattr(machine, "machine_memory", lambda: memory)
    assert worthwhile(seconds, jobs) == processes
