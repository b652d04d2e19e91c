"""What is remembered is proved before it is used, and made without a trace of what failed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from attnviz.engine.memory import Memory, value_of

KEY = "0" * 32


def fill(folder: Path) -> list[int]:
    (folder / "data").mkdir()
    (folder / "data" / "q.npy").write_bytes(b"queries")
    return [1, 2]


def emptied(folder: Path) -> None:
    (folder / "data" / "q.npy").unlink()


def changed(folder: Path) -> None:
    (folder / "data" / "q.npy").write_bytes(b"qu")


def untrue(folder: Path) -> None:
    (folder / "value.json").write_text("[1, 3]")


def unproved(folder: Path) -> None:
    (folder / "proof.json").unlink()


def added(folder: Path) -> None:
    (folder / "more.npy").write_bytes(b"")


@pytest.mark.parametrize("damage", [emptied, changed, untrue, unproved, added])
def test_a_damaged_piece_is_made_anew_with_a_word(
    damage: Callable[[Path], None], tmp_path: Path
) -> None:
    damage(Memory(tmp_path).keep("capture", KEY, fill))
    notes: list[str] = []
    memory = Memory(tmp_path, notes.append)
    assert memory.recall("capture", KEY) is None
    assert len(notes) == 1
    assert "capture: a kept result is damaged" in notes[0]
    folder = memory.keep("capture", KEY, fill)
    assert memory.recall("capture", KEY) == folder
    assert value_of(folder) == [1, 2]
    assert (folder / "data" / "q.npy").read_bytes() == b"queries"
    assert [path.name for path in (tmp_path / "capture").iterdir()] == [KEY]


def test_what_fails_leaves_nothing(tmp_path: Path) -> None:
    def fail(folder: Path) -> None:
        fill(folder)
        raise RuntimeError

    with pytest.raises(RuntimeError):
        Memory(tmp_path).keep("capture", KEY, fail)
    assert list((tmp_path / "capture").iterdir()) == []
    assert Memory(tmp_path).recall("capture", KEY) is None


KILLED = """
import os, sys
from pathlib import Path
from attnviz.engine.memory import Memory
os.getpid = lambda: 1  # as in a container
def kill(folder):
    (folder / "half").write_text("half")
    os._exit(9)
Memory(Path(sys.argv[1])).keep("capture", "0" * 32, kill)
"""


def test_a_killed_build_is_gone_on_with_under_the_same_process_id(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert subprocess.run([sys.executable, "-c", KILLED, tmp_path], check=False).returncode == 9
    assert len(list((tmp_path / "capture").iterdir())) == 1
    monkeypatch.setattr(os, "getpid", lambda: 1)
    folder = Memory(tmp_path).keep("capture", KEY, fill)
    assert value_of(folder) == [1, 2]
    assert [path.name for path in (tmp_path / "capture").iterdir()] == [KEY], "what it left is gone"


def test_two_builds_at_once_make_the_same_piece(tmp_path: Path) -> None:
    def slow(folder: Path) -> list[int]:
        other = Memory(tmp_path).keep("capture", KEY, fill)
        assert other.is_dir()
        assert folder.is_dir(), "what this one makes is not swept away by the other"
        return fill(folder)

    folder = Memory(tmp_path).keep("capture", KEY, slow)
    assert Memory(tmp_path).recall("capture", KEY) == folder
    assert [path.name for path in (tmp_path / "capture").iterdir()] == [KEY]


def test_clean_takes_pieces_and_their_beginnings_alone(tmp_path: Path) -> None:
    memory = Memory(tmp_path / "cache")
    folder = memory.keep("capture", KEY, fill)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    (folder.parent / f".{KEY}.{'a' * 32}").mkdir()
    (folder.parent / f".{KEY}.17").mkdir()
    (folder.parent / "mine").mkdir()
    (folder.parent / "mine" / "thesis.txt").write_text("mine")
    assert memory.clean() == size
    assert [path.name for path in folder.parent.iterdir()] == ["mine"]


def test_values_are_as_json_has_them(tmp_path: Path) -> None:
    folder = Memory(tmp_path).keep("probe", KEY, lambda folder: {"a": 0.1, "b": None})
    assert json.loads((folder / "value.json").read_text()) == {"a": 0.1, "b": None}
