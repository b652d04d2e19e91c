"""Are a report's pages there, whole, and do their links lead anywhere?"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Generator, Iterator
from html.parser import HTMLParser
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from attnviz.errors import ReportError
from attnviz.format.inside import read_inside
from attnviz.format.manifest import Manifest

_LARGEST: Final = 64_000_000
"""Bytes of a page or an asset."""


class _Links(HTMLParser):
    """The files that a page names, and whether it has a content security policy."""

    def __init__(self) -> None:
        super().__init__()
        self.links: list[str] = []
        self.policy = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag == "meta" and (values.get("http-equiv") or "").lower() == "content-security-policy":
            self.policy = True
        self.links += [link for name in ("href", "src") if (link := values.get(name))]


def check_pages(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Every fault of the pages: what is missing, links to nowhere, no content security policy."""
    viewer = (manifest.viewer.script, manifest.viewer.style)
    pages = [
        f"heads/{model.name}/{model.head_id(head)}.html"
        for model in manifest.models
        for head in model.heads
    ]
    for path in ("index.html", *pages):
        if content := (yield from _content(folder, path)):
            yield from _page(folder, path, content)
    for path in viewer:
        content = yield from _content(folder, path)
        if content is not None and hashlib.sha256(content).hexdigest()[:16] not in Path(path).name:
            yield f"{path}: its bytes are not those its name says; build the report again"
    for path in ("assets/boot.js", ".nojekyll"):
        yield from _content(folder, path)


def _content(folder: Path, path: str) -> Generator[str, None, bytes | None]:
    """The bytes of a file; its fault and None where it cannot be read."""
    try:
        return read_inside(folder, path, _LARGEST)
    except ReportError as error:
        yield from error.problems
        return None


def _page(folder: Path, path: str, content: bytes) -> Iterator[str]:
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        yield f"{path}: is damaged: byte {error.start} is not UTF-8; build the report again"
        return
    if not text.rstrip().endswith("</html>"):
        yield f"{path}: is damaged: it does not end with </html>; build the report again"
    parser = _Links()
    try:
        parser.feed(text)
        parts = {link: urlsplit(link) for link in parser.links}
        links = [(link, unquote(url.path)) for link, url in parts.items() if not url.scheme]
    except (AssertionError, ValueError) as error:
        yield f"{path}: is damaged: its markup cannot be read ({error}); build the report again"
        return
    if not parser.policy:
        yield f"{path}: has no content security policy"
    root = os.path.normpath(folder)
    for link, target in links:
        place = os.path.normpath(os.path.join(root, os.path.dirname(path), target))  # noqa: PTH118, PTH120
        inside = place == root or place.startswith(root + os.sep)
        if target and not (inside and "\0" not in place and os.path.lexists(place)):
            yield f"{path}: links to {ascii(link)[1:-1]}, which is not there"
