"""A report at an address that fsspec knows, such as s3://bucket/report: built in a folder of this
machine, then copied there."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from attnviz.engine.storage import Storage
from attnviz.errors import InputError
from attnviz.writer.claim import MARKER
from attnviz.writer.in_place import LAST
from attnviz.writer.publication import is_of_report

_HASHED: Final = re.compile(r"(data|assets)/.*-[0-9a-f]{16}\..*")
"""Paths of files that have their content's hash in their names."""


def refuse_foreign_files(storage: Storage, out: str) -> None:
    """Raises InputError if something lies at an address that is no report."""
    paths = storage.paths()
    if paths and "manifest.json" not in paths and not all(map(is_of_report, paths)):
        raise InputError(
            f"--out {out}: holds files that are no attnviz report; name an empty or a new place"
        )


def upload(folder: Path, storage: Storage) -> None:
    """Copy a report that lies in a folder: files with hashed names that are not there yet, then
    pages, then manifest and index.html, one after another; files of the old report go at the end.

    A reader sees the old report or the new one: the viewer refuses a manifest that index.html does
    not name, for as long as one of the two is new.
    """
    old = storage.paths()
    files = {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.name != MARKER
    }
    hashed = {path for path in files if _HASHED.fullmatch(path)}
    sizes = {path: files[path].stat().st_size for path in hashed}
    storage.write({path: files[path] for path in hashed if old.get(path) != sizes[path]})
    storage.write({path: files[path] for path in files if path not in {*hashed, *LAST}})
    for path in LAST:
        if path in files:
            storage.write({path: files[path]})
    storage.remove([path for path in old if is_of_report(path) and path not in files])
