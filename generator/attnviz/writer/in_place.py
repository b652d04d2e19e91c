"""A report written into a folder that stays: every file beside its place, renamed when all are
there."""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from attnviz.writer.exchange import sync
from attnviz.writer.outputs import TEMPORARY, Output, holds

LAST: Final = (
    "story.md",
    "story.html",
    "llms.txt",
    "heads.html",
    "manifest.js",
    "manifest.json",
    "index.html",
)
_HEADS: Final = "heads"


def replace_files(out: Path, outputs: Sequence[Output]) -> int:
    """Write a report into `out`; returns its bytes. OSError leaves the report that stood there, as
    long as nothing was renamed.

    Pages of heads appear together, by the rename of their folder, and are not there while manifest
    and index.html are renamed: none stands beside the manifest of another build.
    """
    staged: dict[Path, Path] = {}
    heads = _beside(out / _HEADS)
    try:
        total = sum(_stage(out, output, heads, staged) for output in outputs)
        sync([*staged.values(), *(path for path in heads.rglob("*"))])
        _rename(out, staged, heads)
    finally:
        _withdraw(out, staged, heads)
    paths = {out / output.path for output in outputs}
    _prune(out, paths)
    sync({path.parent for path in paths})
    return total


def _beside(path: Path) -> Path:
    return path.with_name(f".{path.name}.{uuid.uuid4().hex}")


def _stage(out: Path, output: Output, heads: Path, staged: dict[Path, Path]) -> int:
    """Write a file beside its place, unless that already holds just this; pages of heads into the
    folder `heads` in any case. Returns the file's bytes."""
    content, place = output.content(), out / output.path
    folder, _, rest = output.path.partition("/")
    if folder == _HEADS:
        (heads / rest).parent.mkdir(parents=True, exist_ok=True)
        (heads / rest).write_bytes(content)
    elif not holds(place, content):
        place.parent.mkdir(parents=True, exist_ok=True)
        staged[place] = _beside(place)
        staged[place].write_bytes(content)
    return len(content)


def _rename(out: Path, staged: dict[Path, Path], heads: Path) -> None:
    """Put everything in its place: what no old manifest names, then pages, manifest and
    index.html."""
    last = [out / name for name in LAST if out / name in staged]
    for place, temporary in staged.items():
        if place not in last:
            temporary.replace(place)
    if not last and _same_pages(out / _HEADS, heads):
        return
    if (out / _HEADS).exists():
        (out / _HEADS).rename(_beside(out / _HEADS))
    for place in last:
        staged[place].replace(place)
    if heads.exists():
        heads.rename(out / _HEADS)


def _same_pages(there: Path, pages: Path) -> bool:
    """Whether a folder holds these pages."""
    names = [path.relative_to(pages) for path in pages.rglob("*") if path.is_file()]
    return all(holds(there / name, (pages / name).read_bytes()) for name in names)


def _withdraw(out: Path, staged: dict[Path, Path], heads: Path) -> None:
    """Take away what was not renamed."""
    for temporary in staged.values():
        temporary.unlink(missing_ok=True)
    _remove_pages(heads)
    if not (out / "manifest.json").exists():
        for folder in sorted((path for path in out.rglob("*") if path.is_dir()), reverse=True):
            if not any(folder.iterdir()):
                folder.rmdir()


def _remove_pages(heads: Path) -> None:
    """Remove the pages in a folder that is no longer, or not yet, the report's; files of other
    kinds are left alone."""
    for page in heads.glob("*/*.html"):
        page.unlink()
    for folder in (*heads.glob("*"), heads):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()


def _prune(out: Path, keep: set[Path]) -> None:
    """Remove what earlier builds wrote and this one does not name. Files of other kinds are left
    alone."""
    for pattern in ("data/*.arrow", "data/*.arrow.js", "assets/*", "story.html", "story.md"):
        for path in out.glob(pattern):
            if path not in keep and path.is_file():
                path.unlink()
    for path in list(out.glob("**/.*")):
        if TEMPORARY.fullmatch(path.name):
            if path.is_file():
                path.unlink()
            else:
                _remove_pages(path)
