"""The places that a report is published to, by what the user calls them."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from attnviz.errors import InputError
from attnviz.publish.archive import publish_archive, refuse_archive
from attnviz.publish.folder import publish_folder, refuse_folder
from attnviz.publish.site import Site, site_of
from attnviz.publish.sizes import too_large


@dataclass(frozen=True)
class Published:
    """What was published, or would be."""

    report: str
    """The report's folder."""
    to: str
    """Where it went."""
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


class Place(ABC):
    """Where a report can be published."""

    with_twins = False
    """Whether a report opens by double-click there."""

    @abstractmethod
    def refuse(self, report: Path) -> None:
        """InputError where the report must not be published there; changes nothing."""

    def address(self) -> str | None:
        """The address that a report gets there, where the place says it."""
        return None

    def limits(self, site: Site) -> list[str]:
        """What to know of the site's size. InputError where the place would not take it."""
        return []

    @abstractmethod
    def put(self, site: Site) -> int:
        """Publish the site; returns its bytes."""

    @abstractmethod
    def plan(self) -> str:
        """What `put` does, as a sentence after "would "."""

    @abstractmethod
    def done(self) -> str:
        """What `put` did."""


@dataclass(frozen=True)
class Folder(Place):
    """A folder, which a web server serves."""

    path: Path

    def refuse(self, report: Path) -> None:
        refuse_folder(self.path, report)

    def limits(self, site: Site) -> list[str]:
        return too_large(site.sizes, site.manifest)

    def put(self, site: Site) -> int:
        return publish_folder(site, self.path)

    def plan(self) -> str:
        return f"write the report into {self.path}"

    def done(self) -> str:
        return f"{self.path}: the report for a web server"


@dataclass(frozen=True)
class Archive(Place):
    """A zip, which is sent and opened by double-click."""

    path: Path
    with_twins = True

    def refuse(self, report: Path) -> None:
        refuse_archive(self.path, report)

    def put(self, site: Site) -> int:
        return publish_archive(site, self.path)

    def plan(self) -> str:
        return f"write the report as {self.path}"

    def done(self) -> str:
        return f"{self.path}: unpack it, and open index.html"


def place_of(to: str) -> Place:
    """The place that is called so. InputError where it is none."""
    if not to.strip():
        raise InputError("--to: names no place; expected DIR or FILE.zip")
    if to.lower().endswith(".zip"):
        return Archive(Path(to))
    return Folder(Path(to))


def publish_to(report: Path, to: str, base_url: str | None, *, dry_run: bool = False) -> Published:
    """Publish the report in this folder. `dry_run` does everything but the last step.

    InputError where it cannot be, and then nothing has changed.
    """
    place = place_of(to)
    place.refuse(report)
    site = site_of(report, base_url or place.address(), place.with_twins)
    notices = (*site.notices, *place.limits(site))
    count = sum(1 for _ in site.outputs())
    size = sum(site.sizes.values()) if dry_run else _put(place, site, to)
    done = f"would {place.plan()}" if dry_run else place.done()
    return Published(str(report), to, site.manifest.site.url, count, size, dry_run, done, notices)


def _put(place: Place, site: Site, to: str) -> int:
    try:
        return place.put(site)
    except OSError as error:
        reason = error.strerror or error
        raise InputError(
            f"--to {to}: cannot be written ({reason}); what stood there before is as it was"
        ) from error
