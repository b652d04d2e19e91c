"""Heads as points: where they are, what names and selects them, and what the page says of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.damage import copied, rewrite
from tests.browser.places import heads_of
from tests.browser.reach import serious
from tests.browser.visit import Visit
from tests.fixtures.spoiled import manifest_of

PLACES = """all => Object.fromEntries(all.map((each) => {
  const { e, f } = each.transform.baseVal[0].matrix;
  return [each.dataset.head, [e, f]];
}))"""


def places(there: Visit) -> dict[str, tuple[float, float]]:
    """Each head's point, in CSS pixels of the drawing."""
    return {name: tuple(at) for name, at in there.find(".point").evaluate_all(PLACES).items()}


def layout_of(report: Path) -> dict[str, Any]:
    """The first layout of the quickstart's model."""
    return dict(manifest_of(report)["models"][0]["layouts"][0])


def test_points_stand_where_their_statistics_say(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads", show="points", x="previous", y="entropy")
    drawn = places(there)
    heads = heads_of(quickstart_report)
    assert set(drawn) == {head["id"] for head in heads}
    for axis, statistic, sign in [(0, "previous", 1), (1, "entropy", -1)]:
        pixels = np.array([drawn[head["id"]][axis] for head in heads])
        values = np.array([head["statistics"][statistic] for head in heads])
        slope, start = np.polyfit(values, pixels, 1)
        assert np.sign(slope) == sign
        assert np.abs(start + slope * values - pixels).max() < 0.2


def test_axes_are_chosen_and_named(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads")
    there.page.get_by_role("button", name="Points").click()
    there.becomes(show="points", x="distance", y="entropy")
    assert there.find(".axis-title").all_text_contents() == [
        "Mean distance (tokens) →",
        "Entropy (nats) →",
    ]
    there.page.get_by_label("Across").focus()
    there.page.get_by_label("Across").select_option(label="Previous token")
    there.becomes(x="previous")
    expect(there.page.get_by_label("Across")).to_be_focused()
    assert there.find(".axis-title").all_text_contents()[0] == "Previous token →"
    assert any(text.endswith("%") for text in there.find(".tick").all_text_contents())
    again = visit(quickstart_report)
    again.page.goto(there.page.url)
    again.drawn()
    assert places(again) == places(there)


def test_a_point_is_named_selected_and_opened(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads", show="points", head="L0H0")
    there.find(".point[data-head=L0H2]").hover()
    there.says(".tooltip", "L0H2")
    there.find(".point[data-head=L0H2]").click()
    there.becomes(head="L0H2", view="heads")
    expect(there.find(".point[aria-selected=true]")).to_have_attribute("data-head", "L0H2")
    there.says(".inspector h2", "L0H2")
    there.page.keyboard.press("Enter")
    there.becomes(view="head", head="L0H2")
    there.page.go_back()
    there.becomes(view="heads", show="points")


def test_keys_go_from_point_to_point(visit, quickstart_report):
    there = visit(quickstart_report).open(
        view="heads", show="points", x="previous", y="entropy", head="L0H0"
    )
    ordered = sorted(heads_of(quickstart_report), key=lambda head: head["statistics"]["entropy"])
    there.page.keyboard.press("ArrowDown")  # the first key only goes to the selected point
    expect(there.find(".point[data-head=L0H0]")).to_be_focused()
    there.page.keyboard.press("ArrowUp")
    higher = ordered[[head["id"] for head in ordered].index("L0H0") + 1]["id"]
    there.becomes(head=higher)
    point = there.find(f".point[data-head={higher}]")
    expect(point).to_be_focused()
    expect(there.find(".point[aria-selected=true]")).to_have_attribute("data-head", higher)
    assert (point.get_attribute("aria-label") or "").startswith(f"{higher}, Entropy ")


def test_heads_that_do_not_fit_fade(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads", show="points", filter="L3")
    faded = there.find(".point.out").evaluate_all("all => all.map(e => e.dataset.head)")
    assert set(faded) == {head["id"] for head in heads_of(quickstart_report) if head["layer"] != 3}


def test_likeness_keeps_distances_and_says_how_true_they_are(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads", show="likeness", tint="label")
    drawn = places(there)
    heads = heads_of(quickstart_report)
    pixels = np.array([drawn[head["id"]] for head in heads])
    positions = np.array([head["position"] for head in heads])
    scale = np.linalg.norm(pixels[0] - pixels[1:], axis=1) / np.linalg.norm(
        positions[0] - positions[1:], axis=1
    )
    assert np.abs(scale / scale.mean() - 1).max() < 0.05
    layout = layout_of(quickstart_report)
    there.says(".points-words", f"rank correlation of {layout['rank']:.2f}")
    there.says(".points-words", f"of {layout['documents']} documents")
    color = there.find(".point[data-head=L0H2] .dot").evaluate("e => getComputedStyle(e).fill")
    swatch = there.find(".legend-item", has_text="Previous token").locator(".legend-swatch")
    assert swatch.evaluate("e => getComputedStyle(e).backgroundColor") == color


def test_a_column_of_the_table_gives_the_colours(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads", show="likeness")
    there.find("select[aria-label=Colour]").select_option(label="Entropy")
    there.becomes(tint="entropy")
    assert there.find(".points-tools .ramp-title").text_content() == "Entropy"
    heads = sorted(heads_of(quickstart_report), key=lambda head: head["statistics"]["entropy"])
    fill = "e => getComputedStyle(e).fill.match(/[0-9.]+/g).map(Number)"
    colors = [
        np.array(there.find(f".point[data-head={head['id']}] .dot").evaluate(fill))
        for head in (heads[0], heads[1], heads[-1])
    ]
    nearest, farthest = (np.abs(colors[0] - color).sum() for color in colors[1:])
    assert nearest < farthest / 2


def test_a_report_without_layouts_does_not_offer_them(visit, quickstart_report, tmp_path):
    report = copied(quickstart_report, tmp_path / "older")
    rewrite(report, lambda manifest: manifest["models"][0].pop("layouts", None))
    there = visit(report).open(view="heads")
    expect(there.page.get_by_role("button", name="Likeness")).to_be_hidden()
    there.page.evaluate("location.hash = 'view=heads&show=likeness'")
    there.becomes(show="likeness")
    there.says(".points-words", "This report has no layout of heads")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("show", "width"), [("points", 1280), ("likeness", 1280), ("likeness", 390)]
)
def test_nothing_keeps_readers_out_of_points(visit, quickstart_report, scheme, show, width):
    there = visit(quickstart_report, color_scheme=scheme, viewport={"width": width, "height": 800})
    there.open(view="heads", show=show, tint="label")
    assert serious(there) == []
