"""Run work in a process of its own, and watch its time and memory by stage from outside.

The process says where it is by lines of JSON on its standard output: {"stage": name} as a stage
begins, {"result": …} at the end. Memory is what it and all processes below it hold resident, asked
for twenty times a second, and no less than the operating system's own high-water mark of the
process. Pages that processes share count once where the system tells (Linux), else in each.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import IO, Any

import psutil

START = "start"
_ENVIRONMENT = {"OMP_WAIT_POLICY": "PASSIVE"} | os.environ
"""As the command line has it."""


@dataclass
class Stage:
    """Seconds in the stage, processor seconds of all its processes, and the most bytes held while
    in it."""

    seconds: float = 0.0
    processor: float = 0.0
    peak: int = 0


@dataclass
class Run:
    """What was measured of a process. `result` is None where it was stopped for holding too much
    memory."""

    stages: dict[str, Stage] = field(default_factory=dict)
    result: Any = None
    high_water: int = 0

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages.values())

    @property
    def peak(self) -> int:
        return max(self.high_water, *(stage.peak for stage in self.stages.values()))


class Watch:
    """Follows one process: which stage it is in, and what it holds."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.run = Run({START: Stage()})
        self._process = process
        self._stage, self._since = START, time.perf_counter()
        self._spent = 0.0

    def listen(self, lines: IO[str]) -> None:
        for line in lines:
            event = json.loads(line)
            if "stage" in event:
                self.enter(event["stage"])
            else:
                self.run.result, self.run.high_water = event["result"], event["high_water"]
        self.enter(self._stage)

    def enter(self, stage: str) -> None:
        now = time.perf_counter()
        self.run.stages[self._stage].seconds += now - self._since
        self.run.stages.setdefault(stage, Stage())
        self._stage, self._since = stage, now

    def sample(self) -> int:
        """Bytes resident now, in the process and all below it; the processor time since the last
        question is kept."""
        resident, spent = 0, 0.0
        try:
            root = psutil.Process(self._process.pid)
            for process in [root, *root.children(recursive=True)]:
                resident += _held(process)
                spent += sum(process.cpu_times()[:4])  # its own, and of those it has seen end
        except psutil.Error:  # a process ended between the listing and the question
            pass
        stage = self.run.stages[self._stage]
        stage.peak = max(stage.peak, resident)
        stage.processor += max(0.0, spent - self._spent)
        self._spent = max(self._spent, spent)
        return resident


def _held(process: psutil.Process) -> int:
    """Bytes of a process that are in memory, its share of those that others have too."""
    if not psutil.LINUX:
        return int(process.memory_info().rss)
    return int(process.memory_full_info().pss)


def run(function: str, stop_above: float = float("inf"), **arguments: Any) -> Run:
    """Run a function of `inside` in its own process; stop it where it holds more than `stop_above`
    bytes."""
    return follow(
        [sys.executable, "-m", "tests.benchmarks.inside", function, json.dumps(arguments)],
        stop_above,
    )


def follow(command: Sequence[str], stop_above: float = float("inf")) -> Run:
    """Run a command that speaks as described above. RuntimeError, with what it complained of, where
    it fails."""
    with tempfile.TemporaryFile("w+") as complaints:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=complaints, text=True, env=_ENVIRONMENT
        )
        assert process.stdout is not None
        watch = Watch(process)
        listener = threading.Thread(target=watch.listen, args=(process.stdout,))
        listener.start()
        stopped = False
        while process.poll() is None:
            if watch.sample() > stop_above:
                stopped = True
                process.kill()
            time.sleep(0.05)
        listener.join()
        if process.returncode and not stopped:
            complaints.seek(0)
            raise RuntimeError(f"{' '.join(command[2:4])} failed:\n{complaints.read()}")
    return watch.run
