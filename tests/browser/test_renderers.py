"""Drawing goes on when WebGL is lost, and without it."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.screenshot import Pixels, colors, marked, part, screenshot
from tests.browser.visit import Visit, eventually

LOSE = """canvas => {
  window.losing = canvas.getContext('webgl2').getExtension('WEBGL_lose_context');
  window.losing.loseContext();
}"""
NO_WEBGL = """
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...more) {
  return kind.startsWith('webgl') ? null : getContext.call(this, kind, ...more);
};
"""
VIEWS = [("atlas", ".atlas-grid"), ("head", ".map-host")]


def pixels_of(there: Visit, selector: str) -> Pixels:
    (box,) = there.boxes(selector)
    return part(screenshot(there), box, inset=8)


@pytest.mark.parametrize(("view", "place"), VIEWS)
def test_a_lost_context_is_drawn_again_when_it_is_back(visit, quickstart_report, view, place):
    there = visit(quickstart_report).open(view=view, head="L3H7", renderer="webgl")
    canvas = there.find("canvas[data-renderer=webgl]")
    before = pixels_of(there, place)
    canvas.evaluate(LOSE)
    assert eventually(lambda: marked(pixels_of(there, place), before).sum() > 1000)
    there.page.evaluate("losing.restoreContext()")
    assert eventually(lambda: marked(pixels_of(there, place), before).sum() == 0)
    # It goes on drawing: another head, another map.
    there.page.keyboard.press("2")
    there.page.keyboard.press("ArrowDown")
    there.becomes(view="head", head="L4H7")
    assert marked(pixels_of(there, ".map-host"), colors(there)["page"]).mean() > 0.01
    expect(canvas).to_have_count(1)


def test_a_context_that_stays_lost_gives_way_to_the_canvas(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head="L3H7", renderer="webgl")
    before = marked(pixels_of(there, ".map-host"), colors(there)["page"])
    there.find("canvas[data-renderer=webgl]").evaluate(LOSE)
    expect(there.find("canvas[data-renderer=canvas]")).to_be_visible()
    expect(there.find("canvas[data-renderer=webgl]")).to_have_count(0)
    after = marked(pixels_of(there, ".map-host"), colors(there)["page"])
    assert (before == after).mean() > 0.98
    assert after.mean() > 0.01


@pytest.mark.parametrize("renderer", ["", "webgl"])
def test_without_webgl_the_canvas_draws(visit, quickstart_report, renderer):
    there = visit(quickstart_report)
    there.context.add_init_script(NO_WEBGL)
    there.open(view="atlas", **({"renderer": renderer} if renderer else {}))
    expect(there.find("canvas[data-renderer=canvas]")).to_be_visible()
    page, pixels = colors(there), screenshot(there)
    assert all(
        marked(part(pixels, box, inset=2), page["page"]).sum() > 40
        for box in there.boxes(".cell-holder .cell")
    )
    there.page.keyboard.press("2")
    there.becomes(view="head")
    assert marked(pixels_of(there, ".map-host"), page["page"]).mean() > 0.01


@pytest.mark.parametrize(("view", "place"), VIEWS)
def test_both_renderers_draw_the_same(visit, quickstart_report, view, place):
    drawn = []
    for renderer in ("webgl", "canvas"):
        there = visit(quickstart_report).open(view=view, head="L3H7", renderer=renderer)
        drawn.append(pixels_of(there, place))
    assert (np.abs(drawn[0] - drawn[1]).max(-1) < 60).mean() > 0.98
    masks = [marked(pixels, colors(there)["page"]) for pixels in drawn]
    assert (masks[0] & masks[1]).sum() > 0.85 * (masks[0] | masks[1]).sum()


@pytest.mark.parametrize("renderer", ["webgl", "canvas"])
def test_fine_screens_are_drawn_finely(visit, quickstart_report, renderer):
    there = visit(quickstart_report, device_scale_factor=2).open(
        view="head", head="L3H7", renderer=renderer
    )
    canvas = there.find(f"canvas[data-renderer={renderer}]")
    width = canvas.evaluate("e => [e.width, e.clientWidth]")
    assert width[0] == pytest.approx(2 * width[1], abs=2)
