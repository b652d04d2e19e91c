"""Storage at an address that fsspec knows, such as s3://bucket/folder, and the folder of this
machine that goes with it."""

from __future__ import annotations

import hashlib
import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path, PurePosixPath
from typing import Any, Final

from attnviz.errors import InputError

PROOF: Final = "proof.json"
"""The file of a piece that is written last: a piece without it is not there."""


def scratch(address: str) -> Path:
    """The folder of this machine for what is at an address, this user's alone. Raises InputError if
    it is somebody else's."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    mine = Path(tempfile.gettempdir()) / f"attnviz-{user}"
    mine.mkdir(mode=0o700, exist_ok=True)
    about = mine.lstat()
    if hasattr(os, "getuid") and (about.st_uid != user or about.st_mode & 0o077):
        raise InputError(
            f"{mine}: is open to others, so what is fetched from {address} is not kept there;"
            " remove it, or let TMPDIR name another folder"
        )
    return mine / hashlib.sha256(address.encode()).hexdigest()[:16]


class Storage:
    """Files below an address; `option` is what names it in messages. Every method raises InputError
    if the address cannot be read or written."""

    def __init__(self, address: str, option: str) -> None:
        self._place = f"{option} {address}"
        with self._reached():
            from fsspec.core import url_to_fs

            files, root = url_to_fs(address.rstrip("/"), use_listings_cache=False)
        self._files: Any = files
        self._root: str = root

    def paths(self) -> dict[str, int]:
        """All files, by their paths below the address, with their bytes."""
        with self._reached():
            files = self._files.find(self._root, detail=True)
        start = len(self._files._strip_protocol(self._root)) + 1
        return {path[start:]: int(about["size"]) for path, about in files.items()}

    def read(self, path: str) -> bytes | None:
        """A file's bytes; None if it is not there."""
        with self._reached():
            try:
                content: bytes = self._files.cat_file(self._at(path))
            except FileNotFoundError:
                return None
        return content

    def write(self, contents: Mapping[str, Path]) -> None:
        """Copy files of this machine to paths below the address, several at a time."""
        with self._reached():
            if contents:
                self._files.put(
                    [str(file) for file in contents.values()], [self._at(p) for p in contents]
                )

    def remove(self, paths: Sequence[str]) -> None:
        """Remove files."""
        with self._reached():
            if paths:
                self._files.rm([self._at(path) for path in paths])

    def fetch_piece(self, name: str, into: Path) -> bool:
        """Copy the files of a piece, `<step>/<key>`, into a folder; returns whether it is there."""
        proof = self.read(f"{name}/{PROOF}")
        if proof is None:
            return False
        files = _names(proof)
        for folder in {(into / file).parent for file in files}:
            folder.mkdir(parents=True, exist_ok=True)
        with self._reached():
            try:
                self._files.get(
                    [self._at(f"{name}/{file}") for file in files],
                    [str(into / file) for file in files],
                )
            except FileNotFoundError:
                return False
        (into / PROOF).write_bytes(proof)
        return True

    def forget_piece(self, name: str) -> None:
        """Let a piece not be there any more."""
        if self.read(f"{name}/{PROOF}") is not None:
            self.remove([f"{name}/{PROOF}"])

    def keep_piece(self, name: str, folder: Path) -> None:
        """Copy the files of a piece there, its proof last."""
        files = [file for file in folder.rglob("*") if file.is_file() and file != folder / PROOF]
        self.write({f"{name}/{file.relative_to(folder).as_posix()}": file for file in files})
        self.write({f"{name}/{PROOF}": folder / PROOF})

    def _at(self, path: str) -> str:
        return f"{self._root}/{path}"

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except InputError:
            raise
        except ImportError as error:
            raise InputError(
                f"{self._place}: its kind of storage needs a package more ({error}); for s3:// it"
                " is pip install 'attnviz[s3]'"
            ) from error
        except Exception as error:  # each kind of storage has errors of its own
            raise InputError(
                f"{self._place}: cannot be reached ({type(error).__name__}: {str(error)[:200]});"
                " look whether the address is right, and who may read and write there"
            ) from error


def _names(proof: bytes) -> list[str]:
    """The files that a proof names, within its folder."""
    try:
        content = json.loads(proof)
    except ValueError:
        return []
    names = [name for name in content if isinstance(name, str)] if isinstance(content, dict) else []
    return [n for n in names if not PurePosixPath(n).is_absolute() and ".." not in n.split("/")]
