"""A story in a browser: an article with views of the report, alive; without scripts, an article."""

from __future__ import annotations

import html
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.reach import serious
from tests.browser.visit import eventually
from tests.fixtures.reports import build, short_corpus

STORY = """\
# What L1H2 does

A paragraph with [a link](#view=document&head=L1H2&doc=1&token=4&side=query).

![Where it looks.](#view=document&head=L1H2&doc=1&token=4&side=query)

![Its map.](#view=head&head=L1H2)

Also [the head](heads/llama/L0H3.html), [all heads](heads.html), [one more
view](index.html#view=matrix&head=L0H1) and [the report](index.html), not
<img src=x onerror=alert(1)>.

- a list
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


@pytest.fixture
def one(report, tmp_path) -> Path:
    """The folder of the report as one page."""
    folder = tmp_path / "one"
    folder.mkdir()
    attnviz.open_report(report).to_html(folder / "one.html")
    return folder


def test_one_page_carries_the_story_and_its_links_lead_to_views(visit, one):
    there = visit(one).go("one.html").drawn()
    button = there.find("button", has_text="Story")
    sheet = there.page.get_by_role("dialog", name="Story")
    steps = [
        ("a link", {"view": "document", "head": "L1H2", "doc": 1, "token": 4}),
        ("Open in the viewer", {"view": "document", "head": "L1H2", "doc": 1, "token": 4}),
        ("the head", {"view": "head", "head": "L0H3"}),
        ("all heads", {"view": "heads"}),
        ("one more view", {"view": "matrix", "head": "L0H1"}),
        ("the report", {"view": "atlas"}),
    ]
    for link, state in steps:
        there.go("one.html", view="lines", head="L1H0").becomes(view="lines")
        button.click()
        expect(sheet.locator("h1")).to_have_text("What L1H2 does")
        sheet.get_by_role("link", name=link, exact=True).first.click()
        there.becomes(**state)
        expect(sheet).to_be_hidden()
    assert {url.split("#")[0] for url in there.requested} == {f"{one.as_uri()}/one.html"}
    # Frames of the page in itself would read all of it again.
    assert there.find("iframe").count() == 0


def test_a_list_looks_like_one_in_the_sheet_and_the_text_stands_below_its_title(visit, one):
    there = visit(one).go("one.html").drawn()
    there.find("button", has_text="Story").click()
    bullet = there.find(".story-sheet li").evaluate("e => getComputedStyle(e).listStyleType")
    assert bullet == "disc"
    (title,), (heading,) = there.boxes(".story-sheet h2:first-of-type"), there.boxes("#story h1")
    assert title[0] == heading[0]


def test_one_page_without_javascript_has_the_story_in_its_summary(visit, one):
    there = visit(one, java_script_enabled=False).go("one.html")
    expect(there.find("#story h1")).to_be_visible()
    there.says("#story figure.live", "Where it looks.")
    there.says("#story", "<img src=x onerror=alert(1)>")
    assert there.find("#story img").count() == 0


def test_the_summarys_styles_are_not_the_viewers(visit, one):
    there = visit(one).go("one.html").drawn()
    script = "all => all.map((e) => getComputedStyle(e).borderTopWidth)"
    assert set(there.find(".topbar svg.icon").evaluate_all(script)) == {"0px"}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_readers_out_of_the_story_in_one_page(visit, one, scheme):
    there = visit(one, color_scheme=scheme).go("one.html").drawn()
    there.find("button", has_text="Story").click()
    expect(there.find(".story-sheet")).to_be_visible()
    assert serious(there) == []


def test_in_a_frames_text_the_story_leads_to_views_too(visit, report, tmp_path):
    page = html.escape(str(attnviz.open_report(report).to_html()))
    frame = f'<iframe sandbox="allow-scripts" width="1100" height="700" srcdoc="{page}"></iframe>'
    (tmp_path / "frame.html").write_text(f'<link rel="icon" href="data:,">{frame}')
    there = visit(tmp_path, tolerate="about:srcdoc").go("frame.html")
    inside = there.page.frame_locator("iframe")
    inside.get_by_role("button", name="Story", exact=True).click()
    inside.get_by_role("link", name="the head", exact=True).click()
    expect(inside.locator("html[data-view=head][data-ready=true]")).to_be_attached()


def test_a_report_without_a_story_has_no_button(visit, tiny_report, tmp_path):
    attnviz.open_report(tiny_report("llama")).to_html(tmp_path / "one.html")
    there = visit(tmp_path).go("one.html").drawn()
    assert there.find("button", has_text="Story").count() == 0
    assert there.find("#story").count() == 0
