"""Reports as they are published, for tests in the browser."""

from __future__ import annotations

from pathlib import Path

from playwright.sync_api import expect

from attnviz.publish.folder import publish_folder
from attnviz.publish.site import site_of
from tests.browser.visit import Visit, eventually

KEEP = ".status-keeping"
DONE = "All of it works offline"

_KEPT = """async () => {
  const names = await caches.keys();
  const keys = await Promise.all(names.map(async (name) => (await caches.open(name)).keys()));
  return keys.flat().map(({url}) => url);
}"""


def publish(report: Path, out: Path) -> Path:
    """The folder of a report, published for the web."""
    publish_folder(site_of(report, None, with_twins=False), out)
    return out


def kept(there: Visit) -> set[str]:
    """The paths of what the browser keeps for when there is no network, but for a note of which
    build that is of."""
    paths = {url.removeprefix(there.address) for url in there.page.evaluate(_KEPT)}
    return paths - {".settled"}


def keep_all(there: Visit) -> None:
    there.find(f"{KEEP} button").click()
    expect(there.find(KEEP)).to_have_text(DONE)


def visited(there: Visit) -> None:
    """Wait until what was loaded before the worker took over is kept as well."""
    expect(there.find(f"{KEEP} button")).to_be_visible()
    loaded = {
        url.split("#")[0].removeprefix(there.address) or "index.html"
        for url in there.requested
        if url.startswith(there.address) and "offline.js" not in url
    }
    assert eventually(lambda: loaded <= kept(there)), loaded - kept(there)
