"""A report takes the place of another in one step: killed or failing at any change to a file, every
reader sees the one or the other. Two builds do not write into one folder."""

from __future__ import annotations

import ctypes
import errno
import hashlib
import json
import os
import re
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import contextmanager
from pathlib import Path

import pytest

from attnviz.engine.memory import Memory
from attnviz.errors import InputError
from attnviz.format.manifest import Shard, Site
from attnviz.format.seal import BLANK, seal_of, sha256, with_seal
from attnviz.format.twins import twin
from attnviz.writer import exchange as exchanging
from attnviz.writer.claim import claimed
from attnviz.writer.publication import publish
from tests.fixtures.files import tree

SITE = Site(url=None, theme="auto")
CHANGES = {"os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.link", "os.truncate"}
WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT


def write(folder: Path, name: str) -> tuple[list[tuple[Path, Shard]], dict[str, bytes]]:
    """The shards and files of a small report that says its name everywhere."""
    (folder / "data").mkdir(parents=True)
    shards = []
    for number in range(3):
        content = f"{'' if number == 2 else name} {number}".encode()  # the last is in every report
        digest = hashlib.sha256(content).hexdigest()
        path = f"data/{number}-{digest[:16]}.arrow"
        (folder / path).write_bytes(content)
        entry = Shard(path=path, bytes=len(content), sha256=digest, rows=1, kind="lengths")
        shards.append((folder, entry))
    pages = {f"heads/m/L0H{head}.html": f"{name} {head}".encode() for head in range(3)}
    pages |= {"assets/boot.js": b"", f"assets/viewer-{name}.js": name.encode(), ".nojekyll": b""}
    manifest = json.dumps({
        "format": "attnviz-report", "name": name,
        "files": {path: sha256(content) for path, content in pages.items()},
        "shards": {entry.path: entry.sha256 for _, entry in shards},
    }).encode()  # fmt: skip
    page = f'{name}<script src="assets/boot.js" data-manifest="{BLANK}" defer>'.encode()
    pages |= {"manifest.json": manifest, "manifest.js": twin("manifest.json", manifest)}
    return shards, pages | {"index.html": with_seal(page, sha256(manifest))}


@pytest.fixture
def reports(tmp_path: Path) -> dict[str, tuple]:
    return {name: write(tmp_path / f"made-{name}", name) for name in ("old", "new")}


def silent(note: str) -> None:
    raise AssertionError(note)


def put(out: Path, report: tuple) -> None:
    with claimed(out, silent):
        publish(out, *report, SITE)


def seen(out: Path) -> str | None:
    """The name of the report that every reader sees, each proving what it reads; None where a
    reader refuses it."""
    manifest = (out / "manifest.json").read_bytes()
    content = json.loads(manifest)
    if seal_of((out / "index.html").read_bytes()) != sha256(manifest):
        return None
    if (out / "manifest.js").read_bytes() != twin("manifest.json", manifest):
        return None
    pages = {str(path.relative_to(out)): path.read_bytes() for path in out.glob("heads/*/*.html")}
    assert all(sha256(page) == content["files"][path] for path, page in pages.items())
    for path, digest in content["shards"].items():
        assert sha256((out / path).read_bytes()) == digest
    return str(content["name"])


def killed_at(moment: int, act: Callable[[], None], folder: Path) -> bool:
    """Run something in a process of its own that is killed before its n-th change to a file below
    a folder. Returns whether it came so far."""
    pid = os.fork()
    if pid == 0:
        changes = 0

        def hook(event: str, args: tuple) -> None:
            nonlocal changes
            writes = event == "open" and bool((args[2] or 0) & WRITING)
            exchanges = event == "ctypes.call_function"
            if exchanges or ((writes or event in CHANGES) and str(folder) in str(args[0])):
                changes += 1
                if changes == moment:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.addaudithook(hook)
        act()
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == -signal.SIGKILL


def kills(out: Path, reports: dict[str, tuple]) -> list[str | None]:
    """What is seen after a kill at each moment of a publication of "new" over "old"; the next
    build mends all."""
    sights = []
    put(out, reports["new"])
    new = tree(out.parent)
    for moment in range(1, 200):
        put(out, reports["old"])
        if not killed_at(moment, lambda: put(out, reports["new"]), out.parent):
            return sights
        sights.append(seen(out))
        put(out, reports["new"])
        assert tree(out.parent) == new
    raise AssertionError("it never ends")


def test_killed_at_any_moment_every_reader_sees_the_old_or_the_new_one(tmp_path, reports):
    sights = kills(tmp_path / "place" / "out", reports)
    assert len(sights) > 15
    assert sights == sorted(sights, reverse=True)
    assert set(sights) == {"old", "new"}


def test_where_the_folder_must_stay_no_reader_sees_two_reports(tmp_path, reports):
    out = tmp_path / "place" / "out"
    put(out, reports["old"])
    (out / "CNAME").write_text("mine")
    inode = out.stat().st_ino
    sights = kills(out, reports)
    assert len(sights) > 15
    assert [sight for sight in sights if sight] == sorted(filter(None, sights), reverse=True)
    assert sights.count(None) <= 3, "while manifest.js, manifest.json and index.html are renamed"
    assert ((out / "CNAME").read_text(), out.stat().st_ino) == ("mine", inode)


def test_a_system_that_exchanges_no_folders_writes_in_place(tmp_path, reports, monkeypatch):
    monkeypatch.setattr(exchanging.ctypes, "CDLL", lambda *_, **__: object())
    put(tmp_path / "out", reports["old"])
    inode = (tmp_path / "out").stat().st_ino
    put(tmp_path / "out", reports["new"])
    assert (seen(tmp_path / "out"), (tmp_path / "out").stat().st_ino) == ("new", inode)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_a_published_folder_is_new_and_what_is_the_same_is_not_written_again(tmp_path, reports):
    out = tmp_path / "out"
    put(out, reports["old"])
    out.chmod(0o750)
    before = {path.name: path.stat().st_ino for path in out.glob("data/*.arrow")}
    put(out, reports["new"])
    after = {path.name: path.stat().st_ino for path in out.glob("data/*.arrow")}
    shared = before.keys() & after.keys()
    assert len(shared) == 1
    assert all(before[name] == after[name] for name in shared)
    assert (out.stat().st_mode & 0o777, (out / ".attnviz").read_bytes()) == (0o750, b"")
    inode = out.stat().st_ino
    put(out, reports["new"])
    assert out.stat().st_ino == inode, "nothing to change"


def test_all_is_on_the_disk_before_the_folders_exchange_their_names(tmp_path, reports, monkeypatch):
    synced, real = [], os.fsync
    put(tmp_path / "out", reports["old"])

    def fsync(descriptor: int) -> None:
        synced.append(str(Path(f"/proc/self/fd/{descriptor}").readlink()))
        real(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)

    class Library:
        def renameat2(self, *args):
            fresh = args[1].decode()
            written = {path for path in synced if path.startswith(fresh)}
            assert {f"{fresh}/manifest.json", f"{fresh}/heads/m/L0H0.html", fresh} < written
            synced.clear()
            return ctypes.CDLL(None, use_errno=True).renameat2(*args)

    monkeypatch.setattr(exchanging, "_library", Library)
    put(tmp_path / "out", reports["new"])
    assert synced == [str(tmp_path)]


@pytest.mark.parametrize("at", range(0, 10, 2))
def test_a_disk_that_is_full_leaves_the_old_report(tmp_path, reports, monkeypatch, at):
    out = tmp_path / "place" / "out"
    put(out, reports["old"])
    old = tree(out.parent)
    left, real = [at], Path.write_bytes

    def full(path: Path, content: bytes) -> int:
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(path, content)

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="the disk is full"):
        put(out, reports["new"])
    assert tree(out.parent) == old


# ---- two builds


@contextmanager
def elsewhere(act: Callable[[Callable[[], None]], None]):
    """A process of its own that does something while this lasts; gives its number. `act` is told
    what to call when it is ready, which returns only when the process is killed."""
    ready, tell = os.pipe()
    pid = os.fork()
    if pid == 0:
        act(lambda: (os.write(tell, b"x"), signal.pause()))
        os._exit(0)
    os.close(tell)
    assert os.read(ready, 1) == b"x"
    os.close(ready)
    try:
        yield pid
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)


def test_a_folder_is_one_build_s_alone_until_that_has_ended(tmp_path, reports):
    out = tmp_path / "new" / "out"

    def hold(wait: Callable[[], None]) -> None:
        with claimed(out, silent):
            wait()

    with elsewhere(hold) as pid, pytest.raises(InputError) as refused, claimed(out, silent):
        pass
    owner = re.escape(f"process {pid} of ") + r".+ on .+, since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"
    assert re.search(f"another build is writing there \\({owner}\\); wait", str(refused.value))
    assert (out / ".attnviz").read_bytes() != b"", "killed, it could not take its name away"
    put(out, reports["new"])
    assert (seen(out), (out / ".attnviz").read_bytes()) == ("new", b"")


def test_threads_of_one_process_are_kept_apart_too(tmp_path):
    with claimed(tmp_path / "out", silent):
        refused = []

        def other() -> None:
            with pytest.raises(InputError) as error, claimed(tmp_path / "out", silent):
                pass
            refused.append(error)

        thread = threading.Thread(target=other)
        thread.start()
        thread.join()
    assert len(refused) == 1
    assert not (tmp_path / "out").exists(), "nothing was published"


def test_the_lock_goes_along_when_folders_exchange_their_names(tmp_path, reports):
    out = tmp_path / "out"
    put(out, reports["old"])
    with claimed(out, silent):
        publish(out, *reports["new"], SITE)
        with pytest.raises(InputError, match="another build"), claimed(out, silent):
            pass
    put(out, reports["old"])


def test_many_builds_into_one_folder_at_once(tmp_path, reports):
    """Each publishes or is refused; in the end there is one whole report."""
    out = tmp_path / "place" / "out"

    def build(name: str) -> None:
        for _ in range(20):
            try:
                put(out, reports[name])
            except InputError as error:
                if "another build is writing there" not in str(error):
                    raise

    children = []
    for number in range(4):
        pid = os.fork()
        if pid == 0:
            try:
                build(("old", "new")[number % 2])
                os._exit(0)
            finally:
                os._exit(1)
        children.append(pid)
    assert [os.waitpid(pid, 0)[1] for pid in children] == [0] * 4
    name = seen(out)
    put(tmp_path / "alone" / "out", reports[str(name)])
    assert tree(out.parent) == tree(tmp_path / "alone")


def test_a_file_system_without_locks_is_said(tmp_path, reports, monkeypatch):
    monkeypatch.setitem(sys.modules, "fcntl", None)
    notes = []
    with claimed(tmp_path / "out", notes.append):
        publish(tmp_path / "out", *reports["new"], SITE)
    assert ("has no locks" in notes[0], seen(tmp_path / "out")) == (True, "new")


def test_a_cache_that_is_in_use_is_not_cleaned(tmp_path, attnviz_command):
    def use(wait: Callable[[], None]) -> None:
        with Memory(tmp_path / "cache").in_use():
            wait()

    memory = Memory(tmp_path / "cache")
    with elsewhere(use), memory.in_use():  # builds share it
        code, _, err = attnviz_command("clean", "--cache", tmp_path / "cache")
        assert (code, "a build is using it" in err) == (2, True)
    memory.keep("capture", "0" * 32, lambda folder: 1)
    assert attnviz_command("clean", "--cache", tmp_path / "cache")[0] == 0
    assert not (tmp_path / "cache").exists()
