"""What a report has on the web beside its pages: the page for what is not there, and what search
engines ask for."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from markupsafe import Markup

from attnviz.format.manifest import Manifest
from attnviz.site.policy import style_policy
from attnviz.site.templates import template

NOT_FOUND: Final = "404.html"
ROBOTS: Final = "robots.txt"
SITEMAP: Final = "sitemap.xml"
MOST_ADDRESSES: Final = 50_000
"""Addresses that one sitemap may have, by sitemaps.org."""
_CSS: Final = (
    ':root { color-scheme: light dark } :root[data-theme="light"] { color-scheme: light }'
    ' :root[data-theme="dark"] { color-scheme: dark } body { margin: 0; font: 15px/1.55 system-ui,'
    ' -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif }'
    " main { max-width: 38em; margin: 12vh auto 0; padding: 0 24px } h1 { font-size: 22px }"
)


def web_files(manifest: Manifest, pages: Iterable[str], templates: Path) -> dict[str, bytes]:
    """404.html, robots.txt and, where the report's address is known, sitemap.xml with it and those
    of `pages` (paths in the report, in the order of their weight); 50,000 at most."""
    address = None if manifest.site.url is None else f"{manifest.site.url.rstrip('/')}/"
    files = {NOT_FOUND: _not_found(manifest, address, templates), ROBOTS: _robots(address)}
    if address is not None:
        files[SITEMAP] = _sitemap(address, pages)
    return files


def _not_found(manifest: Manifest, address: str | None, templates: Path) -> bytes:
    """A page that is shown at any depth, so it has no relative links, and carries its style."""
    page = template(templates, "404.html.j2").render(
        title=manifest.title,
        theme=manifest.site.theme,
        csp=style_policy(_CSS),
        css=Markup(_CSS),  # ours, and free of markup
        address=address,
    )
    return page.encode("utf-8", "replace")


def _robots(address: str | None) -> bytes:
    place = "" if address is None else f"\nSitemap: {_plain(address)}{SITEMAP}\n"
    return f"User-agent: *\nAllow: /\n{place}".encode()


def _sitemap(address: str, pages: Iterable[str]) -> bytes:
    paths = ["" if path == "index.html" else quote(path) for path in pages][:MOST_ADDRESSES]
    entries = "".join(
        f"  <url><loc>{escape(_plain(address) + path)}</loc></url>\n" for path in paths
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        f"{entries}</urlset>\n"
    ).encode()


def _plain(address: str) -> str:
    """An address in the characters that addresses are written in."""
    return quote(address, safe=":/%@!$&'()*+,;=~[]")
