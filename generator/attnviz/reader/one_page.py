"""A report as one page: its size, what to do where that is too large, and the page itself."""

from __future__ import annotations

import html
from collections import Counter
from typing import TYPE_CHECKING, Final

from attnviz.errors import InputError
from attnviz.format.manifest import Manifest
from attnviz.format.shards import shard_bytes
from attnviz.reader.frame import fitting_height, framed
from attnviz.reader.store import ShardStore

if TYPE_CHECKING:
    from attnviz.reader.report import Report

MAIL: Final = 20_000_000
"""Bytes that most mail still takes: what is larger is said, with what to do."""
NOTEBOOK: Final = 8_000_000
"""Bytes that a report as a cell's value may add to a notebook."""
_VIEWER: Final = 250_000
"""Bytes, about, of the viewer's script and style in a page."""
_ADVICE: Final = {
    "map": "maps take most of it: fewer maps.methods or maps.dimensions, or fewer maps.points",
    "attention": (
        "attention takes most of it: fewer or shorter documents, some of the layers or heads of a"
        " model, vectors: false"
    ),
    "image": "images take most of it: fewer or smaller ones",
}


def size_bound(manifest: Manifest) -> int:
    """Bytes that the page has at most, but for its summary: what base64 makes of every shard."""
    return _VIEWER + sum(shard.bytes for shard in manifest.data.values()) * 4 // 3


def advice(manifest: Manifest, size: int) -> str | None:
    """What to do about a page of so many bytes; None where it is small enough."""
    if size <= MAIL:
        return None
    return (
        f"one page of {size / 1e6:.0f} MB is too large for most mail, and slow to open, as it is"
        f" read at once; send the report's folder as a zip, or publish it, where each view reads"
        f" what it needs; to make it smaller: {what_takes_most(manifest)}"
    )


def what_takes_most(manifest: Manifest) -> str:
    """What most of a report's bytes are, and which options make them fewer."""
    by_kind: Counter[str] = Counter()
    for shard in manifest.shards.values():
        by_kind[shard.kind] += shard.bytes
    kind = by_kind.most_common(1)[0][0]
    return _ADVICE.get(kind, f"{kind} takes most of it: fewer documents")


def make_page(report: Report, start: str) -> str:
    """The page, which the viewer opens at the link's hash `start`."""
    from attnviz.reader.head_pictures import patterns
    from attnviz.reader.story import carried_story
    from attnviz.site.one_page import one_page

    shards = {
        shard.path: shard_bytes(report.folder, shard, not report.manifest.site.with_shards)
        for shard in report.manifest.shards.values()
        if shard.content is None  # else the manifest carries it
    }
    return one_page(
        report.manifest,
        shards,
        patterns(ShardStore(report.folder, report.manifest)),
        start,
        carried_story(report.folder, report.manifest),
    )


def cell(report: Report) -> str:
    """The HTML that a notebook shows of a report: its page in a frame, or words where that would
    make the notebook too large."""
    manifest = report.manifest
    bound = size_bound(manifest)
    if bound > NOTEBOOK:
        words = (
            f"{manifest.title}: {manifest.documents.count:,} documents, as a page up to"
            f" {bound / 1e6:.0f} MB, which would all be stored in the notebook. Open"
            f" {report.index}, or show it here nevertheless with attnviz.show(report)."
        )
        return f"<p>{html.escape(words)}</p>"
    height = fitting_height("atlas", 0, max(len(model.captures) for model in manifest.models))
    return framed(make_page(report, ""), manifest.title, height)


def start_of(report: Report, view: str | None, head: str | None, model: str | None) -> str:
    """The link's hash of a view and a head; lines without a head are those of a whole layer.
    InputError where there is no such head."""
    from urllib.parse import urlencode

    from attnviz.site.story_links import LAYER

    entries = [entry for entry in report.manifest.models if model in (None, entry.name)]
    if model is not None and not entries:
        names = ", ".join(entry.name for entry in report.manifest.models)
        raise InputError(f"model: there is no {model}; the report has {names}")
    if head is not None and not any(
        entry.head_id(each) == head for entry in entries for each in entry.heads
    ):
        first = entries[0]
        raise InputError(
            f"head: there is no {head}; heads are called as {first.head_id(first.heads[0])} to"
            f" {first.head_id(first.heads[-1])}"
        )
    heads = LAYER if view == "lines" and head is None else None
    keys = {"model": model, "head": head, "view": view, "heads": heads}
    chosen = {key: value for key, value in keys.items() if value is not None}
    return f"#{urlencode(chosen)}" if chosen else ""
