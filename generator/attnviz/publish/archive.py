"""A report as one zip, to be sent: unpacked anywhere it opens by double-click."""

from __future__ import annotations

import uuid
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attnviz.errors import InputError
from attnviz.publish.ours import is_manifest
from attnviz.publish.place import Place
from attnviz.publish.site import Site

_TIME: Final = (1980, 1, 1, 0, 0, 0)
"""Of every file: the same report gives the same bytes."""


@dataclass(frozen=True)
class Archive(Place):
    """A zip, which is sent and opened by double-click."""

    path: Path
    with_twins = True

    def prepare(self, report: Path) -> None:
        _refuse(self.path, report)

    def put(self, site: Site) -> int:
        return _write(site, self.path)

    def plan(self) -> str:
        return f"write the report as {self.path}"

    def done(self) -> str:
        return f"{self.path}: unpack it, and open index.html"


def _refuse(file: Path, report: Path) -> None:
    """InputError where a report must not be published as `file`. Leaves no trace."""
    if file.resolve().is_relative_to(report.resolve()):
        raise InputError(f"--to {file}: is inside the report; name a file beside it")
    if file.is_dir():
        raise InputError(f"--to {file}: is a folder; expected a file to write")
    if not file.resolve().parent.is_dir():
        raise InputError(f"--to {file}: there is no folder {file.parent}; make it first")
    if file.exists() and not _is_ours(file):
        raise InputError(
            f"--to {file}: is there already, and no zip of a report; name another file"
        )


def _write(site: Site, file: Path) -> int:
    """Write the site as a zip whose files lie in a folder of its name; returns its bytes. What is
    there stays until the new one is whole."""
    folder = file.stem
    temporary = file.with_name(f".{file.name}.{uuid.uuid4().hex}")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_DEFLATED, compresslevel=6) as archive:
            for output in site.outputs():
                entry = zipfile.ZipInfo(f"{folder}/{output.path}", _TIME)
                entry.compress_type = zipfile.ZIP_DEFLATED
                entry.external_attr = 0o644 << 16
                archive.writestr(entry, output.content())
        temporary.replace(file)
    finally:
        temporary.unlink(missing_ok=True)
    return file.stat().st_size


def _is_ours(file: Path) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            manifests = [
                name for name in archive.namelist() if name.rpartition("/")[2] == "manifest.json"
            ]
            return len(manifests) == 1 and is_manifest(archive.read(manifests[0]))
    except (OSError, zipfile.BadZipFile, RuntimeError, NotImplementedError):
        return False
