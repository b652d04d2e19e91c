"""A story in a browser: an article with views of the report, alive; without scripts, an article."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.visit import eventually
from tests.fixtures.reports import build, short_corpus

STORY = """\
# What L1H2 does

A paragraph with [a link](#view=document&head=L1H2&doc=1&token=4&side=query).

![Where it looks.](#view=document&head=L1H2&doc=1&token=4&side=query)

![Its map.](#view=head&head=L1H2)
"""


@pytest.fixture(scope="module")
def report(shared, tiny_model, tmp_path_factory) -> Path:
    """The folder of a report with a story."""
    path = tmp_path_factory.mktemp("story") / "story.md"
    path.write_text(STORY, "utf-8")
    corpus = short_corpus("llama", tiny_model("llama"), story=str(path))
    return Path(shared("with-story", lambda folder: build(corpus, folder)))


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_figures_are_views_of_the_report(visit, report, over, scheme):
    there = visit(report, over, color_scheme=scheme).go("story.html")
    assert there.text("h1") == "What L1H2 does"
    for number, view in enumerate(["document", "head"]):
        there.find("iframe").nth(number).scroll_into_view_if_needed()
        inside = there.page.frame_locator(f"iframe >> nth={number}")
        ready = inside.locator(f"html[data-view={view}][data-ready=true][data-embed=true]")
        expect(ready).to_be_attached()
        assert ready.get_attribute("data-theme") == scheme
    frame = next(each for each in there.page.frames if "view=document" in each.url)
    row = frame.evaluate("async () => [...await attnviz.attention(1, 2, 1, 4)]")
    attention = attnviz.open_report(report).attention(1, 2, 1)
    np.testing.assert_allclose(row, attention[4, : len(row)], atol=1e-6)
    frame.locator(".token[data-token='2']").first.click()
    assert eventually(lambda: frame.evaluate("attnviz.state.token") == 2)


def test_the_page_stays_where_it_is_while_its_figures_load(visit, report, over):
    there = visit(report, over, viewport={"width": 1000, "height": 500}).go("story.html")
    for number in range(2):
        inside = there.page.frame_locator(f"iframe >> nth={number}")
        expect(inside.locator("html[data-ready=true]")).to_be_attached()
    there.page.wait_for_timeout(300)
    assert there.page.evaluate("scrollY") == 0


def test_its_links_open_the_viewer_and_the_viewer_leads_to_it(visit, report, over):
    there = visit(report, over).open()
    there.find(".topbar a", has_text="Story").click()
    there.find("article p a").first.click()
    there.drawn()
    there.becomes(view="document", head="L1H2", doc=1, token=4)
    there.go("heads/llama/L0H0.html").find("a", has_text="Story").click()
    expect(there.find("h1")).to_have_text("What L1H2 does")


def test_a_first_visit_offers_it(visit, report, over):
    there = visit(report, over).go().drawn()
    there.find(".tour .tour-next").click()
    expect(there.find(".tour a")).to_be_hidden()
    there.page.reload()
    there.page.goto(f"{there.address}index.html")
    there.drawn()
    there.find(".tour a", has_text="Read the story").click()
    expect(there.find("h1")).to_have_text("What L1H2 does")


def test_without_scripts_it_is_an_article(visit, report, over):
    there = visit(report, over, java_script_enabled=False).go("story.html")
    assert there.text("h1") == "What L1H2 does"
    assert there.texts("figcaption") == [
        "Where it looks. Open in the viewer",
        "Its map. Open in the viewer",
    ]
    for frame in there.find("iframe").all():
        expect(frame).to_be_hidden()


@pytest.mark.parametrize("width", [360, 768, 1440])
def test_it_fits_every_width(visit, report, width):
    there = visit(report, viewport={"width": width, "height": 800}).go("story.html")
    assert there.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    (_, _, measure, _), *_ = there.boxes("article p")
    assert measure <= 35 * 16
