"""Readers who do not see the page, or do not point at it, or do not want things to move."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.reach import serious
from tests.browser.views import SELECTION, VIEWS

# The element that has the focus: what it is, its name, and whether that can be seen, on it, its
# label or its content.
FOCUSED = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return null;
  const label = e.labels?.[0];
  const properties = [
    'outlineStyle', 'outlineWidth', 'outlineColor', 'boxShadow', 'backgroundColor', 'borderColor',
  ];
  const look = () => [e, label, e.firstElementChild].filter(Boolean).map((part) => {
    const style = getComputedStyle(part);
    return properties.map((property) => style[property]).join(' ');
  }).join(' ');
  const focused = look();
  e.blur();
  const plain = look();
  e.focus({preventScroll: true});
  const name = e.getAttribute('aria-label') || e.title || label?.innerText || e.innerText;
  return [`${e.tagName}.${e.className}`, name.trim().slice(0, 40), focused !== plain];
}"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_readers_out_of_a_head_s_page(visit, quickstart_report, scheme):
    there = visit(quickstart_report, color_scheme=scheme).go("heads/minilm/L3H7.html")
    assert serious(there) == []


@pytest.mark.parametrize("page", ["story.html", "heads.html"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_readers_out_of_the_story_and_the_index(
    visit, quickstart_report, scheme, page
):
    assert serious(visit(quickstart_report, color_scheme=scheme).go(page)) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_nothing_keeps_readers_out_of_a_view_in_a_frame(visit, quickstart_report, view, scheme):
    there = visit(quickstart_report, color_scheme=scheme)
    there.open(view=view, embed="1", **SELECTION)
    assert serious(there) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_readers_out_of_the_panel_of_the_link(visit, quickstart_report, over, scheme):
    there = visit(quickstart_report, over, color_scheme=scheme).open(**SELECTION)
    there.find("button[title='Copy a link to exactly this view']").click()
    expect(there.find(".share-panel")).to_be_visible()
    assert serious(there) == []


@pytest.mark.parametrize("opening", ["help", "documents", "provenance", "phone"])
def test_nothing_keeps_readers_out_of_what_opens(visit, quickstart_report, opening):
    small = {"viewport": {"width": 390, "height": 800}} if opening == "phone" else {}
    there = visit(quickstart_report, **small).open(view="document", **SELECTION)
    button = {
        "help": "button[aria-label=Help]",
        "documents": ".picker-open",
        "provenance": ".provenance summary",
        "phone": ".sheet-grip",
    }
    there.find(button[opening]).click()
    there.page.wait_for_timeout(300)
    assert serious(there) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_readers_out_of_what_says_that_it_fails(
    visit, tmp_path, quickstart_report, scheme
):
    (tmp_path / "index.html").write_bytes((quickstart_report / "index.html").read_bytes())
    there = visit(tmp_path, tolerate="ERR_FILE_NOT_FOUND", color_scheme=scheme).go()
    there.says("#boot-help", "Unpack it first")
    assert serious(there) == []


@pytest.mark.parametrize("view", VIEWS)
def test_tab_reaches_named_things_and_shows_where_it_is(visit, quickstart_report, view):
    there = visit(quickstart_report).open(view=view, **SELECTION)
    stops = []
    for _ in range(60):
        there.page.keyboard.press("Tab")
        stop = there.page.evaluate(FOCUSED)
        if stop is None:
            break
        stops.append(stop)
    assert len(stops) > 10
    assert [stop for stop in stops if not stop[1]] == []
    assert [stop for stop in stops if not stop[2]] == []
    reached = " ".join(stop[0] for stop in stops)
    landmarks = {
        "atlas": "cell-holder",
        "head": "map-host",
        "document": "token",
        "lines": "head-chip",
        "matrix": "big-matrix",
        "patterns": "pattern-holder",
        "heads": "head-link",
    }
    assert landmarks.get(view, "") in reached


def test_what_says_why_has_names_and_is_reached_by_tab(visit, explained):
    there = visit(explained).open(view="document", head="L1H1", doc=0, token=9, key=2)
    for name in ("why", "written"):
        there.find(f"[data-list={name}] summary").click()
    expect(there.find(".why-components, .score-bars, .written, .composed")).to_have_count(4)
    assert [name for name in there.find("[data-list] th").all_text_contents() if not name] == []
    there.find("[data-list=written] summary").focus()
    stops = []
    for _ in range(2):
        there.page.keyboard.press("Tab")
        stops.append(there.page.evaluate(FOCUSED))
    assert [(stop[1], stop[2]) for stop in stops] == [("All 11 tokens", True), ("L0H2", True)]


def test_screen_readers_are_told_names_and_changes(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L3H7")
    cell = there.page.get_by_role("gridcell", name="layer 3, head 7. Entropy 2.71 nats")
    expect(cell).to_have_attribute("aria-selected", "true")
    there.find("[data-head=L3H7]").click()
    there.becomes(view="head")
    expect(there.page.get_by_role("img", name="Map of L3H7. 8,788 points")).to_be_visible()
    expect(there.find(".lede[aria-live=polite]")).to_be_visible()
    there.page.keyboard.press("3")
    there.becomes(view="document")
    expect(there.page.get_by_role("group", name="Where the token looks")).to_be_visible()
    token = there.find(".text-panel >> nth=0 >> [data-token='5']")
    token.click()
    expect(token).to_have_attribute("aria-pressed", "true")


# Calls of requestAnimationFrame, by which maps are moved.
COUNT_FRAMES = """
const {requestAnimationFrame} = window;
window.requestAnimationFrame = (call) => {
  window.framesAsked = (window.framesAsked ?? 0) + 1;
  return requestAnimationFrame(call);
};
"""


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_nothing_moves_for_those_who_ask_so(visit, quickstart_report, motion):
    there = visit(quickstart_report, reduced_motion=motion)
    there.context.add_init_script(COUNT_FRAMES)
    there.open()
    there.page.evaluate("framesAsked = 0")
    there.find("[data-head=L3H7]").click()
    there.becomes(view="head")
    assert (there.page.evaluate("framesAsked") == 0) == (motion == "reduce")
    moving = """() => [...document.querySelectorAll('*')].filter((e) => {
      const s = getComputedStyle(e);
      return s.animationName !== 'none' || parseFloat(s.transitionDuration) > 0;
    }).length"""
    there.page.set_viewport_size({"width": 390, "height": 800})
    assert (there.page.evaluate(moving) == 0) == (motion == "reduce")
