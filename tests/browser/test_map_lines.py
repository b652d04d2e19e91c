"""Lines of attention on a map, as many as the reader asks for; lines of density where points
overlap."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import expect

from tests.browser.screenshot import screenshot
from tests.browser.visit import eventually

# The straight strokes of an overlay since it was last cleared.
LISTEN = """
window.strokes = 0;
const {stroke, clearRect} = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.stroke = function (...at) {
  if (this.lineCap === 'round') window.strokes++;
  return stroke.apply(this, at);
};
CanvasRenderingContext2D.prototype.clearRect = function (...at) {
  if (this.canvas.className === 'overlay') window.strokes = 0;
  return clearRect.apply(this, at);
};
"""
DOCUMENT, TOKEN = 4, 5


def test_number_and_threshold_of_lines_are_the_readers_and_in_the_link(visit, quickstart):
    there = visit(quickstart.folder)
    there.context.add_init_script(LISTEN)
    there.open(view="head", head="L3H7", doc=DOCUMENT, token=TOKEN)
    row = quickstart.attention(3, 7, DOCUMENT)[TOKEN]

    def drawn(most: int, least: float) -> None:
        shares = np.sort(row[row >= least])[::-1][:most]
        assert eventually(lambda: there.page.evaluate("strokes") == len(shares))
        words = there.text(".lede")
        assert f"the {len(shares)} keys" in words if len(shares) > 1 else "the key it" in words
        percent = float(re.search(r"([\d.]+)\s*% of its attention", words).group(1))
        assert abs(percent - 100 * shares.sum()) < 0.06

    drawn(6, 0.02)
    number, least = there.find(".ties input").nth(0), there.find(".ties input").nth(1)
    number.fill("15")
    number.press("Enter")
    there.becomes(ties=15)
    drawn(15, 0.02)
    least.fill("0.5")
    least.press("Enter")
    there.becomes(least=0.005)
    drawn(15, 0.005)
    least.fill("5")
    least.press("Enter")
    there.becomes(least=0.05)
    drawn(15, 0.05)
    assert "ties=15" in there.page.url
    assert "least=0.05" in there.page.url
    there.page.reload()
    there.drawn()
    drawn(15, 0.05)
    expect(there.find(".ties input").nth(0)).to_have_value("15")


def test_lines_of_density_stand_where_points_overlap_and_can_be_left_out(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head="L2H9", map="attention-2d")
    there.page.mouse.move(5, 5)
    switch = there.find(".density input")
    expect(switch).to_be_checked()
    dense = screenshot(there)
    there.find(".density").click()
    there.becomes(bare=True)
    there.page.mouse.move(5, 5)
    assert eventually(lambda: (np.abs(screenshot(there) - dense).max(-1) > 60).mean() > 0.001)
    assert "bare=1" in there.page.url
    # Near enough that no points overlap, there is nothing to draw, nor to switch.
    there.open(view="head", head="L2H9", map="attention-2d", eye="0.3,0.3,60")
    expect(switch).to_be_hidden()
