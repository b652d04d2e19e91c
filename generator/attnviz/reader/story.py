"""A story, read from where it was written or from a report, and held to the report."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from markupsafe import Markup

from attnviz.errors import InputError, ReportError
from attnviz.format.manifest import Head, Manifest, Model
from attnviz.reader.check_files import read_file
from attnviz.reader.store import ShardStore
from attnviz.site.contexts import StoryPage
from attnviz.site.head_pages import head_path
from attnviz.site.pages import HEADS
from attnviz.site.story import SOURCE, STORY, Story, carried_article, story_page
from attnviz.site.story_links import LinkCheck

_LARGEST: Final = 4_000_000
"""Bytes of a story."""


def read_story(path: Path | None) -> Story | None:
    """A story as it was written; None where there is none. InputError where it cannot be read."""
    if path is None:
        return None
    try:
        content = path.read_bytes()
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); expected Markdown") from None
    if len(content) > _LARGEST:
        raise InputError(f"{path}: has {len(content):,} bytes; at most {_LARGEST:,} are read")
    return story_of(path.name, content)


def story_of(name: str, content: bytes) -> Story:
    """A story from its bytes. InputError where they are no UTF-8, with the line."""
    try:
        return Story(name, content.decode("utf-8-sig"))
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{name}:{line}: is not UTF-8; expected Markdown in UTF-8") from None


def carried_story(folder: Path, manifest: Manifest) -> Markup | None:
    """A report's story as one page carries it; None where there is none. ReportError where its file
    is damaged."""
    if SOURCE not in manifest.files:
        return None
    content = read_file(folder, manifest, SOURCE)
    if content.faults:
        raise ReportError(content.faults)
    views = {
        head_path(model, head): f"#{urlencode(_link(manifest, model, head))}"
        for model in manifest.models
        for head in model.heads
    }
    pages = {"index.html": "#", STORY: "#", HEADS: "#view=heads", **views}
    return carried_article(story_of(SOURCE, content.bytes), pages)


def _link(manifest: Manifest, model: Model, head: Head) -> dict[str, str]:
    """The link's keys of a head."""
    named = {"model": model.name} if len(manifest.models) > 1 else {}
    return {**named, "view": "head" if head.maps else "document", "head": model.head_id(head)}


def checked_page(story: Story | None, store: ShardStore) -> StoryPage | None:
    """The story's page, each of its links held to the report; None where there is no story.

    Raises InputError with all links that lead nowhere.
    """
    if story is None:
        return None
    manifest = store.manifest
    heads = [head_path(model, head) for model in manifest.models for head in model.heads]

    def lengths(model: Model, axis: str) -> Sequence[int]:
        entry = next(each for each in model.axes if each.name == axis)
        return [int(length) for length in store.lengths(entry)]

    pages = ["index.html", STORY, HEADS, *heads]
    return story_page(story, manifest, LinkCheck(manifest, lengths), pages)
