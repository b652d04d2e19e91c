"""Which files a report has, proved by the manifest, and which of a folder's files are not its."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attnviz.errors import ReportError
from attnviz.format.inside import read_inside
from attnviz.format.manifest import Manifest
from attnviz.format.seal import page_digest, sha256
from attnviz.format.twins import twin_path

LARGEST_FILE: Final = 64_000_000
"""Bytes of a page or an asset."""

_MARKER: Final = ".attnviz"
_TEMPORARY: Final = re.compile(r"\..+\.(\d+|[0-9a-f]{32})")
"""Names of files beside their places, which a killed build leaves."""
_REPORT_FOLDERS: Final = ("data", "assets", "heads")
"""Folders that hold nothing but files of the report."""


def page_paths(manifest: Manifest) -> list[str]:
    """The paths of the report's pages."""
    heads = [
        f"heads/{model.name}/{model.head_id(head)}.html"
        for model in manifest.models
        for head in model.heads
    ]
    index = [path for path in ("story.html", "heads.html") if path in manifest.files]
    return ["index.html", *index, *heads]


def file_paths(manifest: Manifest) -> list[str]:
    """The paths of all files but shards, twins and the manifest."""
    viewer = manifest.viewer
    paths = [*page_paths(manifest), viewer.script, viewer.style]
    paths += ["assets/boot.js", "assets/page.css", ".nojekyll"]
    return list(dict.fromkeys([*paths, *manifest.files]))


@dataclass(frozen=True)
class Content:
    """The bytes of a file, or what is wrong with it."""

    bytes: bytes = b""
    faults: tuple[str, ...] = ()


def read_file(folder: Path, manifest: Manifest, path: str) -> Content:
    """A file that is no shard, proved where the manifest has its hash."""
    try:
        content = read_inside(folder, path, LARGEST_FILE)
    except ReportError as error:
        return Content(faults=tuple(error.problems))
    entry = manifest.files.get(path)
    if entry is None:
        unnamed = f"{path}: has no hash in the manifest; build the report again"
        return Content(content, (unnamed,) if manifest.files else ())
    digest = page_digest(content) if path == "index.html" else sha256(content)
    if len(content) != entry.bytes:
        wrong = f"it has {len(content)} bytes where the manifest says {entry.bytes}"
    elif digest != entry.sha256:
        wrong = "its bytes are not those of the manifest's SHA-256"
    else:
        return Content(content)
    return Content(faults=(f"{path}: is damaged: {wrong}; copy or build the report again",))


@dataclass(frozen=True)
class Stranger:
    """A file, or a folder (its path ends in a slash), that the manifest does not name."""

    path: str

    @property
    def is_left(self) -> bool:
        """Whether a build that was ended left it."""
        return _TEMPORARY.fullmatch(self.path.rpartition("/")[2]) is not None

    @property
    def is_fault(self) -> bool:
        """Whether it lies where only files of the report may lie."""
        return not self.is_left and self.path.partition("/")[0] in _REPORT_FOLDERS


def strangers(folder: Path, manifest: Manifest) -> Iterator[Stranger]:
    """What lies in a report's folder and is not named in its manifest."""
    shards = [shard.path for shard in manifest.data.values()]
    known = {*file_paths(manifest), "manifest.json", _MARKER}
    if manifest.site.with_shards:
        known |= set(shards)
    if manifest.site.with_twins:
        known |= {twin_path(path) for path in ("manifest.json", *shards)}
    if not manifest.files:
        known.add("assets/licences.txt")  # reports had it before they had hashes
    parents = {str(parent) for path in known for parent in Path(path).parents}
    for root, folders, names in os.walk(folder):
        place = Path(root).relative_to(folder)
        for name in sorted(folders):
            path = str(place / name)
            if path not in parents and os.listdir(folder / path):  # noqa: PTH208 (names alone)
                yield Stranger(f"{path}/")
        folders[:] = [name for name in folders if str(place / name) in parents]
        for name in sorted(names):
            path = (place / name).as_posix()
            if path not in known:
                yield Stranger(path)
