"""The page of a head: readable without JavaScript, and the way into the viewer."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from attnviz.site.wording import certificate_sentences
from tests.browser.screenshot import part, rgb, screenshot
from tests.browser.visit import plain

PAGE = "heads/minilm/L3H7.html"


@pytest.mark.parametrize("scripts", [True, False])
def test_a_page_can_be_read_with_and_without_scripts(visit, quickstart_report, over, scripts):
    there = visit(quickstart_report, over, java_script_enabled=scripts).go(PAGE)
    report = attnviz.open_report(quickstart_report).manifest
    (head,) = [head for head in report.models[0].heads if (head.layer, head.head) == (3, 7)]
    assert there.text("h1").startswith("L3H7")
    for sentence in certificate_sentences(head.certificate):
        assert plain(sentence) in there.text(".certificate")
    numbers = dict(
        zip(there.texts(".statistics tbody th"), there.texts(".statistics td.number"), strict=True)
    )
    for statistic in report.models[0].statistics:
        number = float(numbers[statistic.title].split()[0].removesuffix("%"))
        value = head.statistics[statistic.name] * (100 if statistic.unit == "share" else 1)
        assert number == pytest.approx(value, rel=0.06, abs=0.06)
    for source in report.provenance.sources:
        there.says(".provenance dl", plain(source.name))


def test_a_page_is_styled(visit, quickstart_report, over):
    there = visit(quickstart_report, over, java_script_enabled=False).go(PAGE)
    link = there.find("a.open-viewer")
    border = rgb(link.evaluate("e => getComputedStyle(e).borderTopColor"))
    box = link.bounding_box()
    edge = part(screenshot(there), [box["x"], box["y"], box["width"], 1], inset=0)
    assert (np.abs(edge - border).max(-1) < 12).mean() > 0.8
    assert there.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    there.page.set_viewport_size({"width": 390, "height": 800})
    assert there.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")


def test_the_link_leads_into_the_viewer_at_that_head(visit, quickstart_report, over):
    there = visit(quickstart_report, over).go(PAGE)
    there.find("a", has_text="Open in the viewer").click()
    there.drawn()
    assert there.state["head"] == "L3H7"
    assert there.state["model"] == "minilm"
    assert there.state["view"] == "head"
    assert there.text(".head-card h2") == "L3H7"


def test_pages_lead_to_their_neighbours_and_home(visit, quickstart_report, over):
    there = visit(quickstart_report, over).go(PAGE)
    for direction, name in [("next", "L3H8"), ("down", "L4H8"), ("prev", "L4H7"), ("up", "L3H7")]:
        there.find(f"a.neighbour-{direction}").click()
        expect(there.find("h1 .head-id")).to_have_text(name)
    there.go("heads/minilm/L0H0.html")
    assert there.find("a.neighbour-prev, a.neighbour-up").count() == 0
    there.find("a.report-title").click()
    there.drawn()
    assert there.state["view"] == "atlas"


def test_every_head_has_its_page_and_every_page_its_head(visit, quickstart_report):
    there = visit(quickstart_report, java_script_enabled=False)
    pages = sorted(
        path.relative_to(quickstart_report).as_posix()
        for path in quickstart_report.glob("heads/*/*.html")
    )
    assert len(pages) == 72
    for page in pages[::18]:
        assert there.go(page).text("h1 .head-id") == page.rpartition("/")[2].removesuffix(".html")
