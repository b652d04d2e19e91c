"""Workers of a build: however it is ended from outside, they end with it."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import joblib
import pytest

PROGRAM = """
import os, sys, time
from pathlib import Path
from attnviz.engine.processes import elsewhere
from attnviz.terminal import progress_for

def work(seconds):
    Path(sys.argv[1], str(os.getpid())).touch()
    time.sleep(seconds)

with progress_for(quiet=True):
    for _ in elsewhere(work, SECONDS):
        Path(sys.argv[1], "result").touch()
        time.sleep(600)
"""
BUILDS = {
    "waits for its workers": ("[600, 600]", 2),
    "does something else meanwhile": ("[1, 600, 600]", 3),
    "has a worker without a job": ("[600]", 1),
}
pytestmark = pytest.mark.skipif(joblib.cpu_count() < 2, reason="one processor: no other processes")


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
        assert len(workers) >= 2
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
