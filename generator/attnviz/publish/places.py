"""The places that a report is published to, by what the user calls them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from attnviz.errors import InputError
from attnviz.publish.archive import Archive
from attnviz.publish.folder import Folder
from attnviz.publish.pages_branch import BRANCH, PagesBranch
from attnviz.publish.place import Place
from attnviz.publish.site import Site, site_of
from attnviz.publish.space import SPACE, Space


@dataclass(frozen=True)
class Published:
    """What was published, or would be."""

    report: str
    """The report's folder."""
    address: str | None
    """Its address on the web, where that is known."""
    files: int
    """How many there are."""
    bytes: int
    """Of all files; of a zip, of the zip."""
    dry_run: bool
    """Whether nothing was done."""
    done: str
    """What was done, in one sentence."""
    notices: tuple[str, ...]
    """What to know beside it."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    def sentences(self) -> tuple[str, ...]:
        """What a terminal says."""
        size = f"{self.files:,} files, {self.bytes / 1e6:.1f} MB"
        address = () if self.address is None else (f"its address: {self.address}",)
        return (f"{self.done} ({size})", *address)


def place_of(to: str, remote: str) -> Place:
    """The place that is called so; `remote` is the Git remote of the branch. InputError where it is
    none."""
    if not to.strip():
        raise InputError(
            f"--to: names no place; expected {BRANCH}, DIR, FILE.zip or {SPACE}USER/NAME"
        )
    if to == BRANCH:
        return PagesBranch(remote)
    if to.startswith(SPACE):
        return Space(to.removeprefix(SPACE))
    return Archive(Path(to)) if to.lower().endswith(".zip") else Folder(Path(to))


def publish_to(
    report: Path,
    place: Place,
    base_url: str | None,
    note: Callable[[str], None],
    *,
    dry_run: bool = False,
) -> Published:
    """Publish the report in this folder. `note` takes sentences: what will be done, and what to
    know beside it. `dry_run` does everything but the last step.

    InputError where it cannot be, and then nothing has changed.
    """
    place.prepare(report)
    site = site_of(report, base_url or place.address(), place.with_twins)
    notices = (*site.notices, *place.limits(site))
    for notice in notices:
        note(f"note: {notice}")
    count = sum(1 for _ in site.outputs())
    size = sum(site.sizes.values())
    if not dry_run:
        note(f"will {place.plan()}")
        size = _put(place, site)
    return Published(
        report=str(report),
        address=site.manifest.site.url,
        files=count,
        bytes=size,
        dry_run=dry_run,
        done=f"would {place.plan()}" if dry_run else place.done(),
        notices=notices,
    )


def _put(place: Place, site: Site) -> int:
    try:
        return place.put(site)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(
            f"--to: {reason}: {error.filename or 'disk'}; what stood there before is as it was"
        ) from error
