"""A cache at an address: pieces are there for every machine, are proved where they arrive, and an
address that cannot be used is refused in words."""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from attnviz.engine.memory import Memory, value_of
from attnviz.engine.storage import scratch
from attnviz.errors import InputError

KEY = "0" * 32

Machine = Callable[[str], None]


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """`machine(name)`: from now on this process is on another machine, with files of its own."""

    def move(name: str) -> None:
        (tmp_path / name).mkdir(exist_ok=True)
        monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / name))

    move("first")
    return move


@pytest.fixture
def address() -> str:
    return f"memory://{uuid.uuid4().hex}/cache"


def fill(folder: Path) -> list[int]:
    (folder / "data").mkdir()
    (folder / "data" / "q.npy").write_bytes(b"queries")
    return [1, 2]


def test_a_piece_of_one_machine_is_there_on_another(machine: Machine, address: str) -> None:
    here = Memory(address).keep("capture", KEY, fill)
    machine("second")
    there = Memory(address).recall("capture", KEY)
    assert there is not None
    assert there != here
    assert value_of(there) == [1, 2]
    assert (there / "data" / "q.npy").read_bytes() == b"queries"
    assert Memory(address).find(f"capture/{KEY}/data") == there / "data"


def test_what_is_damaged_at_the_address_is_made_anew(machine: Machine, address: str) -> None:
    Memory(address).keep("capture", KEY, fill)
    files = fsspec.filesystem("memory")
    [path] = [p for p in files.find(address) if p.endswith("q.npy")]
    files.pipe_file(path, b"quarries")
    machine("second")
    notes: list[str] = []
    memory = Memory(address, notes.append)
    assert memory.recall("capture", KEY) is None
    assert "capture: a kept result is damaged" in notes[0]
    memory.keep("capture", KEY, fill)
    assert files.cat_file(path) == b"queries"
    machine("third")
    assert Memory(address).recall("capture", KEY) is not None


def test_a_piece_without_its_proof_is_not_there(machine: Machine, address: str) -> None:
    Memory(address).keep("capture", KEY, fill)
    fsspec.filesystem("memory").rm(f"{address}/capture/{KEY}/proof.json")
    machine("second")
    assert Memory(address).recall("capture", KEY) is None


def test_what_is_here_is_put_back_at_the_address(machine: Machine, address: str) -> None:
    Memory(address).keep("capture", KEY, fill)
    fsspec.filesystem("memory").rm(address, recursive=True)
    assert Memory(address).recall("capture", KEY) is not None
    machine("second")
    assert Memory(address).recall("capture", KEY) is not None


def test_what_another_machine_put_in_its_place_is_taken(machine: Machine, address: str) -> None:
    Memory(address).keep("last-maps", KEY, lambda folder: "first")
    machine("second")
    second = Memory(address)
    second.forget("last-maps", KEY)
    assert second.recall("last-maps", KEY) is None
    second.keep("last-maps", KEY, lambda folder: "second")
    machine("first")
    folder = Memory(address).recall("last-maps", KEY)
    assert folder is not None
    assert value_of(folder) == "second"


def test_clean_removes_pieces_here_and_there_and_nothing_else(
    machine: Machine, address: str
) -> None:
    Memory(address).keep("capture", KEY, fill)
    files = fsspec.filesystem("memory")
    files.pipe_file(f"{address}/notes.txt", b"mine")
    assert Memory(address).clean() > 0
    assert [Path(path).name for path in files.find(address)] == ["notes.txt"]
    assert Memory(address).recall("capture", KEY) is None


def test_a_folder_that_others_can_write_is_not_used(machine: Machine, address: str) -> None:
    scratch(address).parent.chmod(0o777)
    with pytest.raises(InputError, match="is open to others"):
        Memory(address)


def test_an_address_of_a_kind_that_is_not_known_is_refused() -> None:
    with pytest.raises(InputError, match="--cache nowhere://bucket/cache: cannot be reached"):
        Memory("nowhere://bucket/cache")
