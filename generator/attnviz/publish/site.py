"""A report as it is published: its data as they are, its pages made anew for their address."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Final, Literal
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

from attnviz.config.values import check_url
from attnviz.errors import InputError, ReportError
from attnviz.format.manifest import Manifest, Shard, Viewer
from attnviz.format.shards import shard_bytes
from attnviz.format.twins import twin, twin_path
from attnviz.reader.check_files import page_paths, read_file
from attnviz.reader.head_pictures import head_pictures
from attnviz.reader.report import open_report
from attnviz.reader.store import ShardStore
from attnviz.reader.story import checked_page, story_of
from attnviz.site import WORKER, assets, render_pages, templates_folder, worker
from attnviz.site.previews import previews
from attnviz.site.programs import program_files
from attnviz.site.story import SOURCE
from attnviz.site.web import MOST_ADDRESSES, NOT_FOUND, ROBOTS, SITEMAP, web_files
from attnviz.writer.outputs import Output
from attnviz.writer.sealing import seal

_MADE_ANEW: Final = ("assets/", "heads/")
_AROUND: Final = (".nojekyll", NOT_FOUND, ROBOTS, SITEMAP, WORKER)
"""What only some places get."""


@dataclass(frozen=True)
class Site:
    """What is published of a report."""

    manifest: Manifest
    """Of the report as it is published."""
    folder: Path
    """The report's folder, which holds the shards."""
    of_twins: bool
    """Whether it holds them as twins alone."""
    files: Mapping[str, bytes]
    """All files but shards and their twins, by path."""
    notices: tuple[str, ...] = ()
    """What is left out or shortened."""

    def outputs(self) -> Iterator[Output]:
        """Every file that is to be written. Its content raises ReportError where a shard is
        damaged."""
        for shard in self.manifest.shards.values():
            if self.manifest.site.with_shards:
                yield Output(shard.path, partial(self._shard, shard))
            if self.manifest.site.with_twins:
                yield Output(twin_path(shard.path), partial(self._twin, shard))
        for path, content in self.files.items():
            yield Output(path, content.__bytes__)

    def _shard(self, shard: Shard) -> bytes:
        return shard_bytes(self.folder, shard, self.of_twins)

    def _twin(self, shard: Shard) -> bytes:
        return twin(shard.path, self._shard(shard))

    @property
    def sizes(self) -> dict[str, int]:
        """Bytes by path; without those of twins."""
        shards = {shard.path: shard.bytes for shard in self.manifest.shards.values()}
        return shards | {path: len(content) for path, content in self.files.items()}


def site_of(report: Path, address: str | None, with_twins: bool) -> Site:
    """What is published of the report in this folder, at `address` (https://…; None where that is
    not known: then the one that the corpus names, if any).

    Pages and viewer are those of this attnviz. InputError where there is no report, or it is
    damaged, or the address is none.
    """
    if not report.exists():
        raise InputError(f"{report}: there is no such folder; expected a report")
    manifest = open_report(report).manifest
    templates = templates_folder()
    viewer = assets(templates)
    changes = {
        "viewer": Viewer(script=viewer.script, style=viewer.style),
        "site": manifest.site.model_copy(
            update={
                "url": checked(address) or manifest.site.url,
                "open": _open(manifest, with_twins),
            }
        ),
    }
    published = manifest.model_copy(update=changes)
    store = ShardStore(report, manifest)
    pictures = head_pictures(store)
    others = _others(report, manifest)
    story = story_of(SOURCE, others[SOURCE]) if SOURCE in others else None
    pages = render_pages(published.to_dict(), templates, pictures, checked_page(story, store))
    around: dict[str, bytes] = {}
    if published.site.url is not None or not with_twins:
        around = web_files(published, pages, templates)
    if not with_twins:
        around[WORKER] = worker(templates)
    around |= {**program_files(published, story), **previews(published, pictures)}
    fresh = {**pages, **viewer.files, **around}
    files = seal(published, {**others, **fresh})
    of_twins = not manifest.site.with_shards
    return Site(published, report, of_twins, files, tuple(_shortened(published, len(pages))))


def _open(manifest: Manifest, with_twins: bool) -> Literal["anywhere", "web", "file"]:
    """Where what is published opens; a report that opens from a folder by twins alone goes on doing
    so."""
    if not with_twins:
        return "web"
    return "file" if manifest.site.open == "file" else "anywhere"


def checked(address: str | None) -> str | None:
    """The address of a site, ending in a slash. InputError where it is none."""
    if address is None:
        return None
    try:
        check_url(address)
    except PydanticCustomError as error:
        raise InputError(f"--base-url: {error}") from None
    if urlsplit(address).path.endswith(".html"):
        raise InputError(
            f"--base-url {address}: is the address of a page; expected that of the report's folder,"
            " such as https://example.org/report/"
        )
    return f"{address.rstrip('/')}/"


def _others(report: Path, manifest: Manifest) -> dict[str, bytes]:
    """The files of a report that are not made anew. ReportError where one is damaged."""
    anew = {*page_paths(manifest), *_AROUND}
    files = {}
    for path in manifest.files:
        if path in anew or path.startswith(_MADE_ANEW):
            continue
        content = read_file(report, manifest, path)
        if content.faults:
            raise ReportError(content.faults)
        files[path] = content.bytes
    return files


def _shortened(published: Manifest, pages: int) -> Iterator[str]:
    if published.site.url is not None and pages > MOST_ADDRESSES:
        yield f"sitemap.xml names {MOST_ADDRESSES:,} of {pages:,} pages, as many as it may"
