"""A published report without a network: what was visited, and all of it once that is asked for."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect

import attnviz
from tests.browser.published import DONE, KEEP, keep_all, kept, publish, visited
from tests.browser.reach import fits, serious
from tests.browser.views import VIEWS
from tests.fixtures.reports import build, short_corpus

OFFLINE = "ERR_INTERNET_DISCONNECTED|ERR_FAILED"
DOCUMENT = {"view": "document", "head": "L1H2", "doc": 1}


@pytest.fixture(scope="module")
def report(shared, tiny_model) -> Path:
    """The folder of a report, as it was built."""
    corpus = short_corpus("llama", tiny_model("llama"))
    return Path(shared("offline", lambda folder: build(corpus, folder)))


@pytest.fixture
def public(report, tmp_path) -> Path:
    """The folder of the same, as it is published."""
    return publish(report, tmp_path / "public")


def reads(there, report: Path) -> None:
    """Fails where the page cannot give the last row of the document's attention."""
    truth = attnviz.open_report(report).attention(1, 2, 1)
    row = there.page.evaluate(
        "async (query) => [...await attnviz.attention(1, 2, 1, query)]", len(truth) - 1
    )
    assert row == pytest.approx(truth[-1].tolist(), abs=1e-6)


def test_what_was_visited_works_without_a_network(visit, public):
    there = visit(public, "http", tolerate=OFFLINE).open()
    there.open(view="head", head="L1H2")
    there.open(**DOCUMENT)
    reads(there, public)
    visited(there)
    there.context.set_offline(True)
    there.page.reload()
    there.drawn()
    reads(there, public)
    for view in ("atlas", "head"):
        there.open(view=view, head="L1H2")
    with pytest.raises(Error, match=OFFLINE):
        there.go("heads.html")  # which was never opened


def test_all_of_it_works_without_a_network_once_it_is_kept(visit, public):
    there = visit(public, "http", tolerate=OFFLINE).open()
    files = attnviz.open_report(public).manifest
    paths = {*files.files, *(shard.path for shard in files.data.values()), "manifest.json"}
    size = sum((public / path).stat().st_size for path in paths - {"manifest.json"})
    offer = there.text(f"{KEEP} button")
    assert offer.startswith("Keep all of it offline (")
    number, unit = re.search(r"\(([\d.]+) (kB|MB)\)", offer).groups()
    assert float(number) * {"kB": 1e3, "MB": 1e6}[unit] == pytest.approx(size, rel=0.05)
    keep_all(there)
    assert paths - {".nojekyll"} <= kept(there)
    there.context.set_offline(True)
    for view in VIEWS:
        there.open(view=view, head="L1H2", doc=1)
    expect(there.find(KEEP)).to_have_text(DONE)
    for page in ("heads.html", "heads/llama/L1H2.html"):
        there.go(page)
        there.says("h1", re.compile("."))


def test_a_report_that_is_published_anew_replaces_what_it_no_longer_names(
    visit, public, tiny_model, tmp_path
):
    there = visit(public, "http", tolerate=OFFLINE).open()
    keep_all(there)
    before = kept(there)
    corpus = short_corpus("llama", tiny_model("llama"), title="Another")
    corpus["documents"] = [{"text": ["the hills are alive", "rain fell over hills"]}]
    build(corpus, tmp_path / "second")
    publish(tmp_path / "second", public)
    there.requested.clear()
    there.page.reload()
    there.drawn().says(".title", "Another")
    manifest = attnviz.open_report(public).manifest
    expect(there.find(f"{KEEP} button")).to_be_visible()
    paths = {*manifest.files, *(shard.path for shard in manifest.data.values())}
    visited(there)
    assert kept(there) <= paths | {"manifest.json"}
    assert before - kept(there)
    keep_all(there)
    there.context.set_offline(True)
    there.open(**DOCUMENT)
    reads(there, public)
    there.go("heads.html")
    assert "Another" in there.page.title()


def test_what_cannot_be_kept_is_named_and_tried_again(visit, public):
    there = visit(public, "http", tolerate="404|File not found|Failed to load").open()
    page = public / "heads" / "llama" / "L1H2.html"
    content = page.read_bytes()
    page.unlink()
    there.find(f"{KEEP} button").click()
    there.says(KEEP, "heads/llama/L1H2.html did not come.")
    page.write_bytes(content + b" ")
    there.find(f"{KEEP} button").click()
    there.says(KEEP, "heads/llama/L1H2.html is of another build")
    page.write_bytes(content)
    there.find(f"{KEEP} button").click()
    there.says(KEEP, DONE)


@pytest.mark.parametrize(("published", "over"), [(False, "http"), (True, "http"), (False, "file")])
def test_nothing_is_registered_but_for_a_published_report_on_a_server(
    visit, report, public, published, over
):
    there = visit(public if published else report, over).open(embed=int(published))
    there.page.wait_for_timeout(500)
    assert there.find(KEEP).text_content() == ""
    registered = "async () => (await navigator.serviceWorker?.getRegistrations() ?? []).length"
    assert over == "file" or there.page.evaluate(registered) == 0
    assert not [url for url in there.requested if "offline.js" in url]


@pytest.mark.parametrize("width", [360, 1440])
def test_the_offer_fits_and_is_in_reach(visit, public, width):
    there = visit(public, "http", viewport={"width": width, "height": 740}).open()
    expect(there.find(f"{KEEP} button")).to_be_visible()
    fits(there)
    assert serious(there) == []
