"""A phone: tapping instead of pointing, and a window of 390 pixels in which nothing sticks out."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.places import places, whose
from tests.browser.reach import fits
from tests.browser.screenshot import colors, marked, part, screenshot
from tests.browser.shares import check_list
from tests.browser.views import VIEWS
from tests.browser.visit import eventually

PHONE = {"viewport": {"width": 390, "height": 800}, "has_touch": True, "is_mobile": True}


@pytest.mark.parametrize("width", [390, 640, 900])
@pytest.mark.parametrize("view", VIEWS)
def test_nothing_sticks_out_of_a_narrow_window(visit, quickstart_report, view, width):
    there = visit(quickstart_report, viewport={"width": width, "height": 800})
    there.open(view=view, head="L3H7", doc=124, token=20)
    fits(there)
    tab = there.find(".tab[aria-current]").get_attribute("data-view")
    assert tab in (view, "document")


def test_cells_of_a_phone_s_atlas_have_their_points(visit, quickstart_report):
    there = visit(quickstart_report, **PHONE).open()
    pixels, page = screenshot(there), colors(there)
    for box in there.boxes(".cell-holder .cell"):
        if box[1] + box[3] < 740:
            assert marked(part(pixels, box, inset=2), page["page"]).sum() > 20
    fits(there)


def test_a_tap_opens_a_head_and_another_selects_a_token(visit, quickstart_report):
    there = visit(quickstart_report, **PHONE).open()
    there.find("[data-head=L3H7]").tap()
    there.becomes(view="head", head="L3H7")
    (box,) = there.boxes(".map-host")
    points = places(quickstart_report, 3, 7, box)
    index = points.lonely(box, "query", away=8)[0]
    there.page.touchscreen.tap(*points.queries[index])
    report = attnviz.open_report(quickstart_report)
    document, token = whose(quickstart_report, points.tokens[index])
    there.becomes(doc=document, token=token, side="query")
    fits(there)

    expect(there.find(".token-card")).not_to_be_in_viewport()
    there.find(".sheet-grip").tap()
    expect(there.find(".head-card")).to_be_in_viewport()
    check_list(
        there.find(".token-card .partners-section").nth(0), report.attention(3, 7, document)[token]
    )
    fits(there)
    there.find(".sheet-grip").tap()
    expect(there.find(".token-card")).not_to_be_in_viewport()


def test_a_tap_on_a_word_pins_it_and_another_lets_go(visit, quickstart_report):
    there = visit(quickstart_report, **PHONE).open(view="document", head="L3H7", doc=17)
    word = there.find(".text-panel >> nth=0 >> [data-token='5']")
    word.tap()
    there.becomes(doc=17, token=5)
    expect(word).to_have_class("token active pinned")
    attention = attnviz.open_report(quickstart_report).attention(3, 7, 17)
    check_list(there.find(".dock .partners-section").nth(0), attention[5])
    fits(there)
    word.tap()
    there.becomes(token=None)


def test_two_fingers_zoom_the_map(visit, quickstart_report):
    there = visit(quickstart_report, **PHONE).open(view="head", head="L3H7")
    (box,) = there.boxes(".map-host")
    before = part(screenshot(there), box, inset=8)
    session = there.context.new_cdp_session(there.page)
    middle = box[0] + box[2] / 2, box[1] + box[3] / 2

    def fingers(kind: str, apart: float) -> None:
        touches = [
            {"x": middle[0] - apart, "y": middle[1], "id": 1},
            {"x": middle[0] + apart, "y": middle[1], "id": 2},
        ]
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": touches if kind != "touchEnd" else []},
        )

    fingers("touchStart", 30)
    for apart in range(40, 150, 10):
        fingers("touchMove", apart)
    fingers("touchEnd", 0)
    after = part(screenshot(there), box, inset=8)
    assert marked(after, before).mean() > 0.02
    assert there.page.evaluate("visualViewport.scale") == 1
    # About three and a half times as large: far fewer points are left in sight.
    page = colors(there)["page"]
    assert (
        marked(after, page).mean() < 0.8 * marked(before, page).mean()
        or marked(after, page).mean() < 0.3
    )
    assert there.state["doc"] is None


def test_a_finger_s_swipe_scrolls_the_text_and_pins_nothing(visit, quickstart_report):
    there = visit(quickstart_report, **PHONE).open(view="document", head="L3H7", doc=124)
    session = there.context.new_cdp_session(there.page)
    for kind, y in [
        ("touchStart", 600),
        *(("touchMove", y) for y in range(590, 300, -20)),
        ("touchEnd", 0),
    ]:
        session.send(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": [{"x": 195, "y": y}] if y else []},
        )
    scrolled = (
        "() => Math.max(...['.document', '.texts'].map(s => document.querySelector(s).scrollTop))"
    )
    assert eventually(lambda: there.page.evaluate(scrolled) > 100)
    assert there.state["token"] is None
