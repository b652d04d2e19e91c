"""The table of tasks in the docs: each row is done in a browser, and takes as many clicks as it
says."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.visit import Visit, eventually

TABLE: Final = Path(__file__).parents[2] / "docs" / "explanation" / "tasks.md"
STARTS: Final = {
    "heads": {"view": "atlas"},
    "head": {"view": "head", "head": "L3H7"},
    "text": {"view": "document", "head": "L3H7", "doc": 17},
}
PAGE: Final = "heads/minilm/L3H7.html"


def _rows() -> dict[str, tuple[str, int]]:
    """Where each task begins, and the clicks that it takes here."""
    rows = re.findall(
        r"^\| ([A-Z].+?) \| (\w+) \| (\d+) \|", TABLE.read_text("utf-8"), re.MULTILINE
    )
    return {task: (start, int(clicks)) for task, start, clicks in rows}


class Hand:
    """A reader with a mouse, whose clicks are counted."""

    def __init__(self, there: Visit) -> None:
        self.there, self.clicks = there, 0

    def find(self, selector: str, text: str = "") -> Locator:
        return self.there.find(selector, has_text=text).first

    def click(self, selector: str, text: str = "") -> None:
        self.find(selector, text).click()
        self.clicks += 1

    def double_click(self, selector: str) -> None:
        self.find(selector).dblclick()
        self.clicks += 2

    def choose(self, label: str, value: str) -> None:
        self.find(f"select[aria-label={label}]").select_option(value)
        self.clicks += 2


def see_all(hand: Hand) -> None:
    expect(hand.there.find(".cell-holder")).to_have_count(72)


def open_head(hand: Hand) -> None:
    hand.click("[data-head=L5H3]")
    hand.there.becomes(view="head", head="L5H3")


def on_point(hand: Hand) -> tuple[float, float]:
    """Where in the window a point is under the pointer, sought from the middle of the map."""
    open_head(hand)
    ((left, top, width, height),) = hand.there.boxes(".map-host")
    for step in range(0, 300, 9):
        at = left + width / 2 + step, top + height / 2
        hand.there.page.mouse.move(*at)
        if hand.there.find(".map-host.over-point").count():
            return at
    raise AssertionError("no point of the map is found")


def name_point(hand: Hand) -> None:
    on_point(hand)
    hand.there.says(".tooltip", re.compile(r"token \d+ of \d+"))


def look_from_point(hand: Hand) -> None:
    hand.there.page.mouse.click(*on_point(hand))
    hand.clicks += 1
    eventually(lambda: hand.there.state["token"] is not None)
    hand.there.says(".inspector .partner", "%")


def step_aside(hand: Hand) -> None:
    hand.click(".step[data-step=right]")
    hand.there.becomes(head="L3H8")


def color_by_position(hand: Hand) -> None:
    hand.choose("Colour", "position")
    hand.there.becomes(color="position")


def find_token(hand: Hand) -> None:
    hand.click(".search-open")
    hand.there.page.keyboard.type("alice")
    hand.there.says(".found", "Lit: the points of")


def place_heads(hand: Hand) -> None:
    hand.click(".ways .way", "Points")
    hand.there.becomes(view="heads", show="points")


def keep_kind(hand: Hand) -> None:
    hand.click(".label-chip", "First token")
    hand.there.says(".lede", "have the label")


def read_strongest_texts(hand: Hand) -> None:
    focus = hand.there.find(".texts .focus").all_inner_texts()
    shares = [float(text.removeprefix("focus").strip(" %")) for text in focus]
    assert shares == sorted(shares, reverse=True)
    assert len(shares) == 3
    expect(hand.there.find(".texts .shaded span").first).to_be_visible()


def compare_alike(hand: Hand) -> None:
    hand.click(".alike button", "Compare side by side")
    hand.there.becomes(view="compare")
    assert hand.there.state["with"]


def read_both_ways(hand: Hand) -> None:
    hand.find(".token[data-token='9']").hover()
    for panel in ("Where the token looks", "Who looks at the token"):
        there = hand.there.page.get_by_role("group", name=panel)
        expect(there.locator(".token.active").first).to_be_visible()
    hand.there.says(".partner", "%")


def freeze(hand: Hand) -> None:
    hand.double_click(".token[data-token='9']")
    eventually(lambda: hand.there.state["row"] == 9)
    assert hand.there.state["row"] == 9


def pin(hand: Hand) -> None:
    hand.click(".token[data-token='9']")
    hand.there.becomes(token=9)


def lines(hand: Hand, heads: str = "") -> None:
    hand.there.open(view="lines", head="L3H7", doc=17, heads=heads)


def add_head(hand: Hand) -> None:
    lines(hand)
    hand.click("[data-chip=L3H4]")
    expect(hand.there.find(".head-chip[aria-pressed=true]")).to_have_count(2)


def whole_layer(hand: Hand) -> None:
    lines(hand)
    hand.find(".head-chips button", "all of the layer").hover()
    hand.there.says(".lede", "Lines of 12 heads of")


def one_head(hand: Hand) -> None:
    lines(hand, heads="L3H7,L3H4,L3H1")
    hand.click(".head-chips button", "only L3H7")
    expect(hand.there.find(".head-chip[aria-pressed=true]")).to_have_count(1)


def hide_special(hand: Hand) -> None:
    hand.click(".hide-switch input")
    hand.there.becomes(hide=True)


def open_pattern(hand: Hand) -> None:
    hand.there.open(view="patterns", head="L3H7", doc=17)
    hand.click(".pattern-holder[data-head=L1H8]")
    hand.there.becomes(view="document", head="L1H8", doc=17)


def unfold_query(hand: Hand) -> None:
    hand.there.open(view="neuron", head="L3H7", doc=124)
    hand.click(".of-query [data-token='3']")
    hand.there.becomes(token=3)
    expect(hand.there.find(".of-key .neuron-strip").first).to_be_visible()


def read_cell(hand: Hand) -> None:
    hand.there.open(view="matrix", head="L3H7", doc=17)
    ((left, top, _, _),) = hand.there.boxes(".big-matrix")
    hand.there.page.mouse.move(left + 200, top + 200)
    hand.there.says(".tooltip", re.compile(r" → .+%"))


def save_figure(hand: Hand) -> None:
    hand.click(".export > button")
    with hand.there.page.expect_download() as download:
        hand.click(".export-item", "SVG")
    assert download.value.suggested_filename.endswith(".svg")


def send_link(hand: Hand) -> None:
    address = hand.there.page.url
    there = hand.there.context.new_page()
    there.goto(address)
    there.locator("html[data-ready=true]").wait_for(state="attached")
    assert there.evaluate("attnviz.state") == hand.there.state


DRIVERS: Final[dict[str, Callable[[Hand], None]]] = {
    "See every head at once": see_all,
    "Open one head": open_head,
    "Name a point of a head's map": name_point,
    "See where a point's token looks": look_from_point,
    "Step to the head beside": step_aside,
    "Colour all maps by position": color_by_position,
    "Find a token in every head": find_token,
    "Place heads by their statistics": place_heads,
    "Keep the heads of one kind": keep_kind,
    "Read a head's strongest texts": read_strongest_texts,
    "Compare a head with one that is alike": compare_alike,
    "Read where a token looks, and who looks at it": read_both_ways,
    "Freeze one direction on a token": freeze,
    "Pin a token": pin,
    "Add a head to the lines": add_head,
    "Draw a layer's heads together": whole_layer,
    "Leave one head alone again": one_head,
    "Leave out special tokens": hide_special,
    "Open one head from all heads of a text": open_pattern,
    "Unfold a query into its channels": unfold_query,
    "Read the weight of a cell of the matrix": read_cell,
    "Save a figure with real text": save_figure,
    "Send others to what is shown": send_link,
}


def test_every_row_has_its_test():
    assert list(_rows()) == list(DRIVERS)


def test_no_tool_takes_fewer_clicks():
    for line in TABLE.read_text("utf-8").splitlines():
        task, _, ours, *theirs = [cell.strip() for cell in line.strip("|").split("|")] + 3 * [""]
        if task in DRIVERS:
            assert not any(n.isdigit() and int(n) < int(ours) for n in theirs), line


@pytest.mark.parametrize("task", DRIVERS)
def test_a_task_takes_the_clicks_that_the_docs_say(visit, quickstart_report, task):
    start, clicks = _rows()[task]
    there = visit(quickstart_report)
    hand = Hand(there.go(PAGE) if start == "page" else there.open(**STARTS[start]))
    DRIVERS[task](hand)
    assert hand.clicks == clicks
