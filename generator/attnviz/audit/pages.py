"""The figures of heads' pages against the manifest that they are made from."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from itertools import zip_longest
from typing import Final

from attnviz.audit.findings import Findings
from attnviz.reader.check_files import read_file
from attnviz.reader.head_pictures import head_pictures
from attnviz.reader.store import ShardStore
from attnviz.site.bundle import templates_folder
from attnviz.site.head_pages import head_path
from attnviz.site.pages import render_pages

_FIGURE: Final = re.compile(r"(?<!\w)[-−]?\d+(?:,\d{3})*(?:\.\d+)?(?!\w)")
_NAMES: Final = ("th", "dt", "h2")
"""Elements that say what the figures after them are."""
_OLDER: Final = "pages of a report that another attnviz made, whose words may be others"


def compare_pages(store: ShardStore, findings: Findings) -> None:
    """Hold each head's page against the same page made anew. Words may differ, figures may not."""
    manifest = store.manifest
    paths = [head_path(model, head) for model in manifest.models for head in model.heads]
    paths = [path for path in paths if path in manifest.files]
    if not paths:
        return
    again = render_pages(manifest.to_dict(), templates_folder(), head_pictures(store))
    for path in paths:
        written = _figures(read_file(store.folder, manifest, path).bytes)
        _compare(path, written, _figures(again[path]), findings)


def _compare(
    path: str, written: list[tuple[str, str]], again: list[tuple[str, str]], findings: Findings
) -> None:
    places = {name for name, _ in written}
    if places != {name for name, _ in again}:
        findings.skip(_OLDER, len(written))
        return
    for name in sorted(places):
        stated, recomputed = (
            [figure for place, figure in figures if place == name] for figures in (written, again)
        )
        for one, other in zip_longest(stated, recomputed):
            findings.compare(name, "figure", stated=one, recomputed=other, file=path)


class _Page(HTMLParser):
    """A page's text, piece by piece, each with the name that stands before it."""

    def __init__(self) -> None:
        super().__init__()
        self.pieces: list[tuple[str, str]] = []
        self._name, self._open, self._hidden = "", "", False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in _NAMES:
            self._name, self._open = "", tag
        self._hidden = self._hidden or tag in ("style", "script")

    def handle_endtag(self, tag: str) -> None:
        if tag == self._open:
            self._open = ""
        if tag in ("style", "script"):
            self._hidden = False

    def handle_data(self, data: str) -> None:
        if self._open:
            self._name += data
        elif not self._hidden:
            self.pieces.append((" ".join(self._name.split()), data))


def _figures(content: bytes) -> list[tuple[str, str]]:
    """The numbers in a page's text, each after the name of what it is, in order."""
    page = _Page()
    page.feed(content.decode())
    return list(_numbers(page.pieces))


def _numbers(pieces: list[tuple[str, str]]) -> Iterator[tuple[str, str]]:
    for name, text in pieces:
        for figure in _FIGURE.findall(text):
            yield name, figure
