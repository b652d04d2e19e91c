"""From where a map is looked at is in the link; what lies outside the picture is said."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import expect

from tests.browser.screenshot import screenshot
from tests.browser.visit import eventually


def _eye(there):
    return re.search(r"eye=([^&]*)", there.page.url)


@pytest.mark.parametrize("turn", ["wheel", "drag"])
def test_a_link_gives_the_same_picture_anew(visit, quickstart_report, turn):
    there = visit(quickstart_report).open(view="head", head="L1H8", map="attention-2d")
    assert _eye(there) is None, "the first look needs no words"
    box = there.find(".map-host").bounding_box()
    there.page.mouse.move(box["x"] + 300, box["y"] + 200)
    if turn == "wheel":
        there.page.mouse.wheel(0, -400)
    else:
        there.page.mouse.down()
        there.page.mouse.move(box["x"] + 420, box["y"] + 260, steps=4)
        there.page.mouse.up()
    expect(there.page).to_have_url(re.compile("eye="))
    there.page.mouse.move(5, 5)
    again = visit(quickstart_report)
    again.page.goto(there.page.url)
    again.drawn()
    assert eventually(lambda: _difference(there, again) < 0.003)


def _difference(first, second):
    """The share of pixels that are clearly not the same."""
    return (abs(screenshot(first) - screenshot(second)).max(-1) > 60).mean()


def test_another_head_is_looked_at_afresh(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head="L1H8", eye="0.1,0.1,3")
    there.page.keyboard.press("ArrowRight")
    there.becomes(head="L1H9")
    assert _eye(there) is None


def test_points_outside_the_picture_are_counted_and_shown(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head="L0H9", map="attention-2d")
    words = there.find(".outside")
    expect(words).to_contain_text("points lie outside the picture")
    words.get_by_role("button", name="Show all").click()
    expect(words).to_be_hidden()
    there.page.keyboard.press("0")
    expect(words).to_be_visible()
