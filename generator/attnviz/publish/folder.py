"""A report published into a folder, such as one that a web server serves."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path

from attnviz.errors import InputError
from attnviz.format.inside import read_inside
from attnviz.format.shards import LARGEST
from attnviz.publish.ours import published_paths
from attnviz.publish.place import Place
from attnviz.publish.site import Site
from attnviz.publish.sizes import too_large
from attnviz.writer.claim import MARKER
from attnviz.writer.in_place import replace_files


@dataclass(frozen=True)
class Folder(Place):
    """A folder, which a web server serves."""

    path: Path

    def prepare(self, report: Path) -> None:
        _refuse(self.path, report)

    def limits(self, site: Site) -> list[str]:
        return too_large(site.sizes, site.manifest)

    def put(self, site: Site) -> int:
        return publish_folder(site, self.path)

    def plan(self) -> str:
        return f"write the report into {self.path}"

    def done(self) -> str:
        return f"{self.path}: the report for a web server"


def _refuse(out: Path, report: Path) -> None:
    """InputError where a report must not be published into `out`. Leaves no trace."""
    if out.exists() and not out.is_dir():
        raise InputError(f"--to {out}: is a file; expected a folder, or FILE.zip")
    place, source = out.resolve(), report.resolve()
    if place == source or place.is_relative_to(source) or source.is_relative_to(place):
        raise InputError(
            f"--to {out}: the report itself is there ({report}); name a folder beside it"
        )
    if not out.is_dir() or not any(out.iterdir()):
        return
    if (out / MARKER).exists():
        raise InputError(
            f"--to {out}: is a report that attnviz build wrote; name a folder for the published one"
        )
    if _published(out) is None:
        raise InputError(
            f"--to {out}: holds files that attnviz publish did not write; name a new folder, an"
            " empty one, or one that was published to before"
        )


def publish_folder(site: Site, out: Path) -> int:
    """Write the site into `out`, which has an earlier one or nothing; returns its bytes. Files that
    are not of a report, such as CNAME, are left as they are."""
    before, is_new = _published(out) or set(), not out.exists()
    out.mkdir(parents=True, exist_ok=True)
    outputs = list(site.outputs())
    try:
        total = replace_files(out, outputs)
    except BaseException:
        if is_new:
            with contextlib.suppress(OSError):  # not empty
                out.rmdir()
        raise
    for path in before - {output.path for output in outputs}:
        if (out / path).resolve().is_relative_to(out.resolve()):
            (out / path).unlink(missing_ok=True)
    return total


def _published(out: Path) -> set[str] | None:
    """The paths of an earlier publication in a folder; None where there is none."""
    try:
        manifest = (out / "manifest.json").read_bytes()
        return published_paths(manifest, lambda path: read_inside(out, path, LARGEST))
    except OSError:
        return None
