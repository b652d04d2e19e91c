"""Workers that are processes of this machine: `local:N`."""

from __future__ import annotations

import atexit
import contextlib
import gc
import json
import os
import pickle
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Collection
from concurrent.futures import FIRST_COMPLETED, CancelledError, Future, ThreadPoolExecutor, wait
from typing import Any, Final

from attnviz.engine.jobs import Job, gone, make
from attnviz.engine.machine import usable_processes
from attnviz.engine.workers import Workers
from attnviz.errors import InputError

WORTH: Final = 20.0
"""Seconds of work from which processes are worth their start."""
_LOOK: Final = 1.0
"""Seconds between two looks of a worker at whether its build is still there."""
_TRIES: Final = 3
"""So many workers take a job before it counts as what ends them."""

_PROGRAM: Final = (
    "import json, sys; sys.path[:] = json.loads(sys.argv[1]);"
    "from attnviz.engine.local_workers import serve; serve(int(sys.argv[2]))"
)


def worthwhile(seconds: float, jobs: int) -> int:
    """How many processes jobs are worth that take about so long together; 0 where little work
    stays in this one."""
    if seconds < WORTH or jobs < 2:
        return 0
    processes = usable_processes()
    return min(jobs, processes) if processes > 1 else 0


def local_workers(address: str) -> LocalWorkers:
    """The workers of `local:N`. Raises InputError if N is no number of processes."""
    count = address.removeprefix("local:")
    if not (count.isascii() and count.isdigit() and int(count)):
        raise InputError(
            f"--cluster {address}: expected local: and a number of processes, such as local:4"
        )
    return LocalWorkers(int(count))


class LocalWorkers(Workers["Future[None]"]):
    """So many processes; each is started when it is first needed, and anew when it was lost. They
    end with the context that this is."""

    def __enter__(self) -> LocalWorkers:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __init__(self, count: int) -> None:
        self._count = count
        self._threads = ThreadPoolExecutor(count, "attnviz worker")
        self._mine = threading.local()
        self._processes: set[subprocess.Popen[bytes]] = set()
        self._period = 0

    def count(self) -> int:
        return self._count

    def send(self, job: Job) -> Future[None]:
        return self._threads.submit(self._made, job, self._period)

    def wait(self, sent: Collection[Future[None]]) -> Collection[Future[None]]:
        return wait(sent, return_when=FIRST_COMPLETED).done

    def result(self, sent: Future[None]) -> None:
        sent.result()

    def cancel(self, sent: Collection[Future[None]]) -> None:
        busy = [future for future in sent if not future.cancel() and not future.done()]
        if busy:
            self._end()  # a job can be stopped in no other way

    def close(self) -> None:
        """End every worker, in the midst of a job too."""
        self._end()
        self._threads.shutdown(wait=True, cancel_futures=True)
        for process in self._processes:
            process.communicate()

    def _end(self) -> None:
        self._period += 1
        for process in list(self._processes):
            process.kill()

    def _made(self, job: Job, period: int) -> None:
        """A job made by this thread's process; by another one where it ends in the midst, unless it
        was ended here."""
        ends: list[int] = []
        while len(ends) < _TRIES and period == self._period:
            process = self._process()
            with contextlib.suppress(OSError, EOFError, pickle.UnpicklingError):
                _ask(process, job)
                return
            ends.append(process.wait())
        if not ends:
            raise CancelledError
        raise gone(
            f"the worker processes that took the step “{job.step}” ended in the midst of it, the"
            f" last of {len(ends)} with {_in_words(ends[-1])}: perhaps the memory does not suffice"
            " for so many"
        )

    def _process(self) -> subprocess.Popen[bytes]:
        process: subprocess.Popen[bytes] | None = getattr(self._mine, "process", None)
        if process is None or process.poll() is not None:
            process = _started()
            self._processes.add(process)
            self._mine.process = process
        return process


def _started() -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _PROGRAM, json.dumps(sys.path), str(os.getpid())]
    return subprocess.Popen(
        command,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def _ask(process: subprocess.Popen[bytes], job: Job) -> None:
    """What a worker answers. Raises what its job raised; EOFError or OSError if it is lost."""
    assert process.stdin is not None
    assert process.stdout is not None
    pickle.dump(job, process.stdin)
    process.stdin.flush()
    raised: bytes | None = pickle.load(process.stdout)
    if raised is not None:
        raise pickle.loads(raised)


def serve(parent: int) -> None:
    """What a worker does: make jobs from standard input until the build closes it, and answer on
    standard output, to which nothing else is printed. It ends as soon as `parent` is gone, in the
    midst of a job too."""
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the build ends its workers
    atexit.register(gc.freeze)  # as the command line does
    with os.fdopen(os.dup(1), "wb") as answers:
        os.dup2(2, 1)
        while True:
            try:
                job = pickle.load(sys.stdin.buffer)
            except EOFError:
                return
            pickle.dump(_answer(job), answers)
            answers.flush()


def _answer(job: Job) -> bytes | None:
    """Make a job; what it raised, as bytes, or None."""
    try:
        make(job)
    except Exception as error:
        return _pickled(error)
    return None


def _pickled(error: Exception) -> bytes:
    try:
        raised = pickle.dumps(error)
        pickle.loads(raised)
        return raised
    except Exception:  # anything that a library's own errors may do when they are pickled
        return pickle.dumps(RuntimeError(f"{type(error).__name__}: {error}"))


def _in_words(code: Any) -> str:
    return f"signal {-code}" if code < 0 else f"exit code {code}"


def _end_with(parent: int) -> None:
    # Whoever is killed cannot tell its workers; but their parent is another process from then on.
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)
