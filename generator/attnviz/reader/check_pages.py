"""Are a report's pages there, whole, and do their links lead anywhere?"""

from __future__ import annotations

import os
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attnviz.format.manifest import Manifest
from attnviz.format.seal import sha256
from attnviz.reader.check_files import file_paths, page_paths, read_file


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
    """Every fault of the files that are no shards: what is missing or has other bytes, links to
    nowhere, no content security policy."""
    pages = set(page_paths(manifest))
    viewer = (manifest.viewer.script, manifest.viewer.style)
    for path in file_paths(manifest):
        content = read_file(folder, manifest, path)
        yield from content.faults
        if path in pages and not content.faults:
            yield from _page(folder, path, content.bytes)
        if path in viewer and not content.faults and sha256(content.bytes)[:16] not in path:
            yield f"{path}: its bytes are not those its name says; build the report again"


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
    beside = os.path.dirname(os.path.join(root, path))  # noqa: PTH118, PTH120
    for link, target in links:
        place = os.path.normpath(os.path.join(beside, target))  # noqa: PTH118
        inside = place == root or place.startswith(root + os.sep)
        if target and not (inside and "\0" not in place and os.path.lexists(place)):
            yield f"{path}: links to {ascii(link)[1:-1]}, which is not there"
