"""Are a report's pages there, whole, and do their links lead anywhere?"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

from attnviz.format.manifest import Manifest


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
        links = [link for name in ("href", "src") if (link := values.get(name))]
        self.links += [link for link in links if not urlsplit(link).scheme]


def check_pages(folder: Path, manifest: Manifest) -> Iterator[str]:
    """Every fault of the pages: what is missing, links to nowhere, no content security policy."""
    viewer = (manifest.viewer.script, manifest.viewer.style)
    pages = [
        f"heads/{model.name}/{model.head_id(head)}.html"
        for model in manifest.models
        for head in model.heads
    ]
    for path in ("index.html", *viewer, "assets/boot.js", ".nojekyll", *pages):
        if not (folder / path).is_file():
            yield f"{path}: is missing; build the report again"
    for path in ("index.html", *pages):
        if (folder / path).is_file():
            yield from _page(folder, path)
    for path in viewer:
        file = folder / path
        if file.is_file() and hashlib.sha256(file.read_bytes()).hexdigest()[:16] not in file.name:
            yield f"{path}: its bytes are not those its name says; build the report again"


def _page(folder: Path, path: str) -> Iterator[str]:
    parser = _Links()
    parser.feed((folder / path).read_text("utf-8"))
    if not parser.policy:
        yield f"{path}: has no content security policy"
    for link in dict.fromkeys(parser.links):
        target = unquote(urlsplit(link).path)
        if target and not ((folder / path).parent / target).exists():
            yield f"{path}: links to {link}, which is not there"
