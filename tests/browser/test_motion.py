"""Points that move from one map to another: where they are on the way, that readers may interrupt,
and may refuse."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tests.browser.places import Points, places, whose
from tests.browser.screenshot import colors, marked, near, screenshot
from tests.browser.visit import Visit, eventually

NOTICE_MOVES = """
window.moves = 0;
new MutationObserver(() => { if (document.querySelector('.map-host.moving')) window.moves++; })
  .observe(document, {subtree: true, attributes: true, attributeFilter: ['class']});
"""


@pytest.fixture(params=["canvas", "webgl"])
def there(request, visit, quickstart_report) -> Visit:
    """A head's map on a page whose clock the test turns."""
    page = visit(quickstart_report)
    page.page.clock.install()
    return page.open(view="head", head="L3H7", renderer=request.param)


def everyone(
    there: Visit, report: Path, layer: int, head: int, map_id: str | None = None
) -> Points:
    (box,) = there.boxes(".map-host")
    return places(report, layer, head, box, map_id).both


def hits(there: Visit, expected: Points, radius: int = 1) -> float:
    (box,) = there.boxes(".map-host")
    visible = ((expected > np.add(box[:2], 8)) & (expected < np.add(box[:2], box[2:]) - 8)).all(1)
    drawn = marked(screenshot(there), colors(there)["page"])
    return float(near(drawn, expected[visible], radius).mean())


def stop_clock(there: Visit) -> None:
    there.page.clock.pause_at(there.page.evaluate("Date.now()") + 1000)


def moving(there: Visit) -> bool:
    """Whether points are on their way; time goes on a little, so that loading may."""
    there.page.clock.run_for(1)
    return there.find(".map-host.moving").count() == 1


@pytest.mark.parametrize("by", ["head", "method"])
def test_points_go_from_their_old_places_to_the_new(there, quickstart_report, by):
    before = everyone(there, quickstart_report, 3, 7)
    stop_clock(there)
    if by == "head":
        there.page.keyboard.press("ArrowRight")
        after = everyone(there, quickstart_report, 3, 8)
    else:
        there.find("select[aria-label=Map]").select_option("pca-2d")
        after = everyone(there, quickstart_report, 3, 7, "pca-2d")
    assert there.find("html").get_attribute("data-ready") == "false"
    assert eventually(lambda: moving(there) or there.page.clock.run_for(15))
    there.page.clock.run_for(290)
    # Half of the time is half of the way; frames come every 16 ms.
    middle = (before + after) / 2
    short = np.hypot(*(after - before).T) < 60
    assert hits(there, middle[short], radius=4) > 0.95
    assert "true" not in (there.find("html").get_attribute("data-ready") or "")
    there.page.clock.run_for(400)
    there.drawn()
    assert hits(there, after) > 0.97
    assert there.find(".map-host.moving").count() == 0


def test_a_point_on_its_way_can_be_picked(there, quickstart_report):
    (box,) = there.boxes(".map-host")
    old = places(quickstart_report, 3, 7, box)
    new = places(quickstart_report, 3, 7, box, "pca-2d")
    stop_clock(there)
    there.find("select[aria-label=Map]").select_option("pca-2d")
    assert eventually(lambda: moving(there) or there.page.clock.run_for(15))
    there.page.clock.run_for(290)
    halfway = type(old)(old.tokens, (old.queries + new.queries) / 2, (old.keys + new.keys) / 2)
    # Of those that are far from both their ends by then, one whose way is short, so that it matters
    # least how far exactly it has come.
    way = np.hypot(*(new.queries - old.queries).T)
    index = min((i for i in halfway.lonely(list(box), "query") if way[i] > 40), key=way.__getitem__)
    _, token = whose(quickstart_report, old.tokens[index])
    there.page.mouse.move(*halfway.queries[index])
    eventually(lambda: f"query token {token + 1} of" in there.text(".tooltip"))
    assert f"query token {token + 1} of" in there.text(".tooltip")


def test_another_step_interrupts_the_first(there, quickstart_report):
    stop_clock(there)
    there.page.keyboard.press("ArrowRight")
    assert eventually(lambda: moving(there) or there.page.clock.run_for(15))
    there.page.clock.run_for(200)
    there.page.keyboard.press("ArrowDown")
    there.page.clock.run_for(100)
    there.page.keyboard.press("ArrowDown")
    assert eventually(lambda: there.state["head"] == "L5H8")
    there.page.clock.resume()
    there.becomes(head="L5H8")
    assert hits(there, everyone(there, quickstart_report, 5, 8)) > 0.97


@pytest.mark.parametrize("motion", ["reduce", "no-preference"])
def test_readers_who_want_no_motion_get_none(visit, quickstart_report, motion):
    there = visit(quickstart_report, reduced_motion=motion)
    there.context.add_init_script(NOTICE_MOVES)
    there.open(view="head", head="L3H7")
    there.page.keyboard.press("ArrowRight")
    there.becomes(head="L3H8")
    assert bool(there.page.evaluate("moves")) is (motion == "no-preference")
    assert hits(there, everyone(there, quickstart_report, 3, 8)) > 0.97
