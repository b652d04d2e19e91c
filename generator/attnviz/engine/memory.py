"""The build's memory: pieces of work under the key of everything they depend on.

A piece is a folder, `<step>/<key>/`, with the files that a step wrote, its value as JSON, and its
proof: the SHA-256 of each file. It is made under a name that no other process uses and appears by
rename, so that a killed build leaves whole pieces or none; what is not as its proof says is not
used.
"""

from __future__ import annotations

import contextlib
import errno
import json
import platform
import re
import shutil
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any, Final

from attnviz.engine.addresses import is_address
from attnviz.engine.digests import file_digest
from attnviz.engine.locks import Busy, Lock, locked, try_lock
from attnviz.engine.storage import PROOF, Storage, scratch
from attnviz.errors import InputError

VALUE: Final = "value.json"

_PIECE: Final = re.compile(r"[0-9a-f]{32}")
_BEGUN: Final = re.compile(r"\.[0-9a-f]{32}\.(\d+|[0-9a-f]{32})")
"""Names of finished pieces and of those that are being made."""

_DELAY: Final = 60.0
"""Seconds after which a file that another machine made is to be seen on this one."""

_DEEPEST: Final = 400
"""So many folders within one another are made; Python's own way of making them calls itself."""


def refuse_nested(folder: Path, option: str) -> None:
    """Raises InputError if a folder that is to be made lies too deep."""
    depth = len(folder.absolute().parts)
    if depth > _DEEPEST:
        raise InputError(
            f"{option} {str(folder)[:60]}…: lies in {depth:,} folders; at most {_DEEPEST} are made:"
            " name another folder"
        )


class Memory:
    """Pieces of work under one folder, or at an address of fsspec's, with a folder of this machine
    in which those are that were made or asked for here. `note` takes a sentence if something is
    damaged."""

    def __init__(
        self, place: Path | str, note: Callable[[str], None] = lambda message: None
    ) -> None:
        self._storage = Storage(str(place), "--cache") if is_address(place) else None
        root = scratch(str(place)) if self._storage else Path(place)
        refuse_nested(root, "--cache")
        self.root = root.absolute()
        self.place = str(self.root) if self._storage is None else str(place)
        self._named = place
        self._note = note
        self._proved: set[Path] = set()
        self._swept = False

    def recall(self, step: str, key: str) -> Path | None:
        """The folder of a piece, if it is there and as its proof says; proved once, then known."""
        folder = self.root / step / key
        if folder not in self._proved:
            self._agree(step, key)
        if not folder.is_dir() and not self._fetched(step, key):
            return None
        if folder not in self._proved:
            fault = _fault(folder)
            if fault is not None:
                self._note(f"{step}: a kept result is damaged and is made anew ({fault})")
                return None
            self._proved.add(folder)
        return folder

    def find(self, name: str) -> Path:
        """The path of something in a piece, by its name in the cache, such as
        `<step>/<key>/q0.npy`. Another machine may have made it just now, and a file system that
        machines share may show it with some delay. Raises InputError if it does not come."""
        path = self.root / name
        step, key = name.split("/")[:2]
        end = time.monotonic() + _DELAY
        while self.recall(step, key) is None or not path.exists():
            if time.monotonic() > end:
                raise InputError(
                    f"--cache {self._named}: {name}, which another machine made, is not there on"
                    f" {platform.node()}; name a folder that all machines share"
                )
            with contextlib.suppress(OSError):
                list(path.parent.iterdir())  # asks a network's file system anew
            time.sleep(0.1)
        return path

    def is_whole(self, name: str) -> bool:
        """Whether the piece of this name, `<step>/<key>`, is there and as its proof says."""
        step, _, key = name.partition("/")
        return self.recall(step, key) is not None

    def _agree(self, step: str, key: str) -> None:
        """Let a piece that is here be at the address too, and let go of it if another is there."""
        folder = self.root / step / key
        if self._storage is None or not folder.is_dir() or _fault(folder) is not None:
            return
        there = self._storage.read(f"{step}/{key}/{PROOF}")
        if there is None:
            self._storage.keep_piece(f"{step}/{key}", folder)
        elif there != (folder / PROOF).read_bytes():
            shutil.rmtree(folder, ignore_errors=True)

    def _fetched(self, step: str, key: str) -> bool:
        """Whether a piece is now here that was at the address."""
        if self._storage is None:
            return False
        folder = self.root / step / key
        with self._making(folder) as making:
            if not self._storage.fetch_piece(f"{step}/{key}", making):
                return False
            _put(making, folder)
        return True

    def keep(self, step: str, key: str, make: Callable[[Path], Any]) -> Path:
        """The folder of a piece that `make` fills; it returns the piece's value.

        Raises InputError if the cache cannot be written or the disk is full.
        """
        self._sweep()
        folder = self.root / step / key
        with self._making(folder) as making:
            try:
                value = make(making)
                (making / VALUE).write_text(json.dumps(value), "utf-8")
                proof = {name: digest.hex() for name, digest in _digests(making)}
                (making / PROOF).write_text(json.dumps(proof), "utf-8")
                _put(making, folder)
            except OSError as error:
                if _no_room(error):
                    raise self._refusal(error) from error
                raise
        if self._storage is not None:
            self._storage.keep_piece(f"{step}/{key}", folder)
        self._proved.add(folder)
        return folder

    def forget(self, step: str, key: str) -> None:
        """Remove a piece, if it is there."""
        folder = self.root / step / key
        self._proved.discard(folder)
        if self._storage is not None:
            self._storage.forget_piece(f"{step}/{key}")
        shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _making(self, folder: Path) -> Iterator[Path]:
        """An empty folder beside `folder` that is this process's alone, and is gone at the end."""
        try:
            folder.parent.mkdir(parents=True, exist_ok=True)
            making, lock = _begin(folder)
        except OSError as error:
            raise self._refusal(error) from error
        try:
            yield making
        finally:
            shutil.rmtree(making, ignore_errors=True)
            _unlock(lock)

    def _sweep(self) -> None:
        """Remove what killed builds left half-made, once; what a running build makes stays."""
        begun = [] if self._swept else [p for p in self.root.glob("*/.*") if _is_begun(p)]
        self._swept = True
        for folder in begun:
            if _is_abandoned(folder):
                shutil.rmtree(folder, ignore_errors=True)

    def _refusal(self, error: OSError) -> InputError:
        if _no_room(error):
            return InputError(
                f"--cache {self._named}: the disk is full; finished work is kept: free some space"
                " and run the same command again, or name another folder"
            )
        return InputError(
            f"--cache {self._named}: cannot be written ({error.strerror}); name another folder"
        )

    @contextmanager
    def in_use(self) -> Iterator[None]:
        """While this lasts nobody can clean the cache; waits until a `clean` has ended. InputError
        if the cache cannot be written."""
        with ExitStack() as ending:
            try:
                make = partial(self.root.mkdir, parents=True, exist_ok=True)
                ending.enter_context(locked(self.root, make, shared=True, wait=True))
            except OSError as error:
                raise self._refusal(error) from error
            yield

    def clean(self) -> int:
        """Remove every piece of work, and nothing else; returns the bytes that were freed.
        InputError if a build of this machine is using the cache."""
        if not self.root.is_dir():
            return 0 if self._storage is None else _clean_storage(self._storage)
        try:
            lock = try_lock(self.root)
        except Busy:
            raise InputError(
                f"--cache {self._named}: a build is using it; run this again when it has ended"
            ) from None
        try:
            freed = self._clean()
            return freed if self._storage is None else _clean_storage(self._storage)
        finally:
            _unlock(lock)

    def _clean(self) -> int:
        freed = 0
        for piece in list(self.root.glob("*/*")):
            if piece.is_dir() and (_PIECE.fullmatch(piece.name) or _is_begun(piece)):
                freed += sum(file.stat().st_size for file in piece.rglob("*") if file.is_file())
                shutil.rmtree(piece)
        for folder in (*self.root.glob("*/"), self.root):
            with contextlib.suppress(OSError):  # not empty: something in it is not ours
                folder.rmdir()
        return freed


def _clean_storage(storage: Storage) -> int:
    """Remove every piece at an address; returns the bytes that were freed."""
    files = storage.paths()
    pieces = [path for path in files if _PIECE.fullmatch((*path.split("/"), "", "")[1])]
    storage.remove(pieces)
    return sum(files[path] for path in pieces)


def value_of(folder: Path) -> Any:
    """The value of a piece, as JSON has it."""
    return json.loads((folder / VALUE).read_text("utf-8"))


def _digests(folder: Path) -> Iterator[tuple[str, bytes]]:
    """The files of a piece, its proof left out, with the SHA-256 of each."""
    for file in sorted(folder.rglob("*")):
        if file.is_file() and file != folder / PROOF:
            yield file.relative_to(folder).as_posix(), file_digest(file)


def _fault(folder: Path) -> str | None:
    """What is wrong with a piece; None if it is as its proof says."""
    try:
        proof = json.loads((folder / PROOF).read_text("utf-8"))
        digests = {name: digest.hex() for name, digest in _digests(folder)}
    except (OSError, ValueError) as error:
        return f"{PROOF} cannot be read: {error}"
    if digests == proof:
        return None
    names = [n for n in {**digests, **proof} if digests.get(n) != proof.get(n)]
    return f"{names[0]} is missing" if names[0] not in digests else f"{names[0]} has other bytes"


def _begin(folder: Path) -> tuple[Path, Lock | None]:
    """A new empty folder for what will be `folder`, and a lock on it that ends with the process,
    where the file system has locks."""
    while True:
        making = folder.with_name(f".{folder.name}.{uuid.uuid4().hex}")
        making.mkdir()
        lock = _lock(making)
        if making.is_dir():  # else another build took it for abandoned before it was locked
            return making, lock
        _unlock(lock)


def _put(making: Path, folder: Path) -> None:
    """Put a finished piece in its place, unless another build was faster; a damaged one goes."""
    while True:
        try:
            making.rename(folder)
            return
        except OSError as error:
            if error.errno not in (errno.EEXIST, errno.ENOTEMPTY):
                raise
        if _fault(folder) is None:
            return
        with contextlib.suppress(OSError):  # another build may be doing just this
            damaged = folder.rename(folder.with_name(f".{folder.name}.{uuid.uuid4().hex}"))
            shutil.rmtree(damaged)


def _is_begun(folder: Path) -> bool:
    return folder.is_dir() and _BEGUN.fullmatch(folder.name) is not None


def _lock(folder: Path) -> Lock | None:
    """A lock on a folder; None if another process has it, or if the file system has no locks."""
    try:
        return try_lock(folder)
    except (Busy, OSError):
        return None


def _unlock(lock: Lock | None) -> None:
    if lock is not None:
        lock.release()


def _is_abandoned(folder: Path) -> bool:
    """Whether the process that was making a folder is gone."""
    lock = _lock(folder)
    _unlock(lock)
    return lock is not None


def _no_room(error: OSError) -> bool:
    """A full disk; NumPy says of a short write only how much was written, with no number of the
    error."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT) or (
        error.errno is None and "written" in str(error)
    )
