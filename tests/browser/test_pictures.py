"""Pictures: how strongly shares lie over them, and arrows to the strongest, both ways, with the
report's own numbers."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.exports import Drawing, export, press_export
from tests.browser.panels import token
from tests.browser.visit import eventually

TOKEN = 6
AT = {"view": "document", "head": "L1H2", "doc": 0, "token": TOKEN}


def arrows(there, name):
    """Token and share of each arrow of a direction, in order."""
    script = "all => all.map(e => [Number(e.dataset.to), Number(e.dataset.share)])"
    return there.find(f".arrow.{name}").evaluate_all(script)


def check_arrows(there, name, values, count):
    """That the arrows lead to the largest of these shares, the token's own left out."""
    others = [index for index in np.argsort(-values, kind="stable") if index != TOKEN]
    eventually(lambda: len(arrows(there, name)) == count)
    drawn = arrows(there, name)
    assert [index for index, _ in drawn] == others[:count]
    assert [share for _, share in drawn] == pytest.approx(values[others[:count]], abs=1e-6)


def test_arrows_lead_to_the_strongest_both_ways(visit, bright_image):
    attention = bright_image.attention(1, 2, 0).astype(float)
    there = visit(bright_image.folder).open(**AT)
    for count in (5, 3, 0):
        if count < 5:
            field = there.page.get_by_label("Arrows", exact=True)
            field.fill(str(count))
            field.press("Enter")
            there.becomes(arrows=count)
        check_arrows(there, "row", attention[TOKEN], count)
        check_arrows(there, "column", attention[:, TOKEN], count)
    again = visit(bright_image.folder).open(**AT, arrows=8)
    check_arrows(again, "row", attention[TOKEN], 8)


def test_an_arrow_begins_and_ends_in_the_middle_of_patches(visit, bright_image):
    there = visit(bright_image.folder).open(**AT, arrows=12)
    there.page.set_viewport_size({"width": 1100, "height": 700})
    script = """path => {
      const matrix = path.getScreenCTM();
      const at = (length) => path.getPointAtLength(length).matrixTransform(matrix);
      const [from, to] = [at(0), at(path.getTotalLength())];
      return [from.x, from.y, to.x, to.y];
    }"""

    def middle(number):
        box = token(there, number).bounding_box()
        return np.array([box["x"] + box["width"] / 2, box["y"] + box["height"] / 2])

    def away():
        ends = np.array(there.find(".arrow.row").evaluate_all(f"all => all.map({script})"))
        numbers = [number for number, _ in arrows(there, "row")]
        patches = [i for i, number in enumerate(numbers) if number > 0]
        starts = np.abs(ends[patches, :2] - middle(TOKEN)).max()
        tips = [np.hypot(*(ends[i, 2:] - middle(numbers[i]))) for i in patches]
        return max(starts, max(tips) - 10)  # its line ends where its head begins

    eventually(lambda: away() < 1)
    assert away() < 1


def test_the_overlay_s_strength_is_in_the_link(visit, bright_image):
    there = visit(bright_image.folder).open(**AT, overlay=0.5)
    image = there.find(".picture img").first
    style = "e => [getComputedStyle(e).filter, Number(getComputedStyle(e).opacity)]"
    assert image.evaluate(style) == ["grayscale(0.5)", pytest.approx(0.71)]
    slider = there.page.get_by_label("Strength of the overlay")
    expect(slider).to_have_value("50")
    shade = token(there, int(arrows(there, "row")[0][0]) or 1)
    half = shade.evaluate("e => getComputedStyle(e).backgroundColor")
    slider.focus()
    there.page.keyboard.press("Home")
    there.becomes(overlay=0)
    assert "overlay=0" in there.page.url
    expect(image).to_have_css("filter", "grayscale(0)")
    expect(image).to_have_css("opacity", "1")
    assert shade.evaluate("e => getComputedStyle(e).backgroundColor") != half
    there.page.keyboard.press("End")
    there.becomes(overlay=1)
    assert "overlay" not in there.page.url


def test_what_is_exported_has_the_arrows(visit, bright_image, tmp_path):
    there = visit(bright_image.folder).open(**AT, arrows=4)
    eventually(lambda: len(arrows(there, "row")) == 4)
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    lines = [d for d in drawing.root.iter("{http://www.w3.org/2000/svg}path") if "Q" in d.get("d")]
    assert len(lines) == 2 * 2 * 4  # both directions, each line above the wider one that lifts it


def test_no_text_has_tools_of_pictures(visit, mixed):
    there = visit(mixed.folder).open(view="document", model="bert", doc=0)
    expect(there.find(".picture-tools")).to_be_hidden()
    assert there.find(".arrow").count() == 0
