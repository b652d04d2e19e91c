"""A first visit: a line says what the report is, a tour shows it by what it has, and one click
turns it off for ever."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.reach import fits, serious
from tests.browser.visit import plain

LINE = "72 attention heads of all-MiniLM-L6-v2 reading 126 documents"
NO_STORAGE = """Object.defineProperty(window, 'localStorage', {get() {
  throw new DOMException('denied', 'SecurityError');
}})"""


def words(there) -> str:
    return there.text(".tour-words")


def next_stop(there, number: int) -> str:
    """Go on by the keyboard, and read the stop once it is there."""
    there.page.keyboard.press("Enter")
    expect(there.find(".tour")).to_contain_text(f"{number} of 5")
    there.drawn()
    expect(there.find(".tour-next")).to_be_focused()
    return words(there)


def test_the_tour_shows_heads_and_numbers_of_this_report(visit, quickstart_report, quickstart):
    there = visit(quickstart_report).open()
    assert words(there).startswith(LINE)
    labels = {
        f"L{head.layer}H{head.head}": {label.name for label in head.awake_labels}
        for head in quickstart.manifest.models[0].heads
    }
    there.find(".tour-next").focus()

    assert there.state["head"] in next_stop(there, 1)
    there.becomes(view="atlas")
    stop = next_stop(there, 2)
    there.becomes(view="head")
    assert there.state["head"] in stop
    assert labels[there.state["head"]]

    stop = next_stop(there, 3)
    there.becomes(view="document")
    state = there.state
    assert state["head"] in stop
    assert labels[state["head"]]
    layer, head = map(int, state["head"][1:].split("H"))
    row = quickstart.attention(layer, head, state["doc"])[state["token"]]
    document = quickstart.documents[state["doc"]]
    claim = re.search(r"document (\d+), “(.+)” looks at “(.+)” with ([\d.]+)\s?%", stop)
    assert claim
    assert int(claim[1]) == state["doc"] + 1
    assert claim[2] == document.tokens[state["token"]].removeprefix("##")
    # The strongest look at another token that is a word.
    others = document.special | (np.arange(len(row)) == state["token"])
    key = int(np.where(others, -1, row).argmax())
    assert claim[3] == document.tokens[key].removeprefix("##")
    assert float(claim[4]) == pytest.approx(100 * row[key], abs=0.06)

    next_stop(there, 4)
    there.becomes(view="lines", token=state["token"])
    labelled = sum(bool(names) for names in labels.values())
    assert f"All 72 heads by what they do; {labelled} have a label." in next_stop(there, 5)
    there.becomes(view="heads")
    there.find(".tour button", has_text="Back").click()
    there.becomes(view="lines")
    there.find(".tour-next").click()
    there.becomes(view="heads")
    there.find(".tour-next", has_text="Done").click()
    expect(there.find(".tour")).to_be_hidden()


def test_one_click_ends_it_for_good_and_help_has_it_again(visit, quickstart_report):
    there = visit(quickstart_report).open()
    there.find(".tour button[aria-label='End the tour for good']").click()
    expect(there.find(".tour")).to_be_hidden()
    there.page.reload()
    there.drawn()
    expect(there.find(".tour")).to_be_hidden()
    there.page.keyboard.press("?")
    there.find("dialog.help button", has_text="Take the tour").click()
    expect(there.find(".tour")).to_contain_text("1 of 5")
    expect(there.find(".tour-next")).to_be_focused()
    there.page.keyboard.press("Escape")
    expect(there.find(".tour")).to_be_hidden()
    assert there.page.evaluate("document.activeElement !== document.body"), "the focus is kept"


def test_where_nothing_can_be_remembered_it_is_off_for_the_session(visit, quickstart_report):
    there = visit(quickstart_report)
    there.context.add_init_script(NO_STORAGE)
    there.open()
    assert words(there).startswith(LINE)
    there.find(".tour button[aria-label='End the tour for good']").click()
    there.page.keyboard.press("3")
    there.becomes(view="document")
    expect(there.find(".tour")).to_be_hidden()


def test_a_link_leads_to_what_it_names_without_a_tour(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L3H7")
    expect(there.find(".tour")).to_be_hidden()


@pytest.mark.parametrize(
    ("scheme", "width"), [("light", 360), ("dark", 360), ("light", 1440), ("dark", 1440)]
)
def test_it_fits_and_covers_nothing(visit, quickstart_report, scheme, width):
    size = {"width": width, "height": 740}
    there = visit(quickstart_report, color_scheme=scheme, viewport=size).open()
    for place in ("1 of 5", "2 of 5"):
        fits(there)
        assert serious(there) == []
        ((_, top, _, _),) = there.boxes(".tour")
        ((_, above, _, height),) = there.boxes("main")
        assert above + height <= top + 1
        there.find(".tour-next").click()
        there.says(".tour", place)


def test_a_screen_reader_hears_each_stop(visit, quickstart_report):
    there = visit(quickstart_report).open()
    region = there.page.get_by_role("region", name="Tour of this report")
    expect(region).to_be_visible()
    expect(region.locator("[aria-live=polite]")).to_have_text(re.compile(re.escape(LINE)))
    assert plain(there.find(".tour-next").inner_text()) == "Show me around in 5 steps"
