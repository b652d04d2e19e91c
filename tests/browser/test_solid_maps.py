"""Maps of three dimensions under a reader's hands: what is seen where, turning, moving, picking,
and both renderers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.places import Places, solid_places, whose
from tests.browser.screenshot import colors, marked, near, part, screenshot
from tests.browser.visit import Visit, eventually

MAP = "pca-3d"
YAW, PITCH = -0.55, 0.38
"""How a solid map is seen first, in radians."""


@pytest.fixture(params=["canvas", "webgl"])
def there(request, visit, labelled) -> Visit:
    return visit(labelled).open(view="head", head="L0H1", map=MAP, renderer=request.param)


def points_of(
    there: Visit, report: Path, yaw: float = YAW, pitch: float = PITCH, **more
) -> tuple[Places, list[float]]:
    (box,) = there.boxes(".map-host")
    return solid_places(report, 0, 1, box, MAP, yaw, pitch, **more)[0], list(box)


def hits(there: Visit, report: Path, *turned: float, **more) -> float:
    """The share of points that are drawn where they ought to be."""
    points, box = points_of(there, report, *turned, **more)
    visible = points.both[points.inside(box)]
    assert len(visible) > 40
    drawn = marked(screenshot(there), colors(there)["page"], by=15)
    return float(near(drawn, visible).mean())


def test_points_are_drawn_in_perspective_and_tell_what_they_are(there, labelled):
    assert hits(there, labelled) > 0.97
    points, box = points_of(there, labelled)
    documents = attnviz.open_report(labelled).documents
    for side, pixels in [("query", points.queries), ("key", points.keys)]:
        index = points.lonely(box, side)[0]
        document, token = whose(labelled, points.tokens[index])
        there.page.mouse.move(*pixels[index])
        expected = f"{side} token {token + 1} of {len(documents[document])}"
        eventually(lambda expected=expected: expected in there.text(".tooltip"))
        assert expected in there.text(".tooltip")


def test_a_drag_turns_shift_moves_and_the_button_brings_back(there, labelled):
    _, box = points_of(there, labelled)
    x, y = box[0] + 30, box[1] + 60
    mouse, side = there.page.mouse, min(box[2:])

    def drag(dx: float, dy: float, button: str = "left") -> None:
        mouse.move(x, y)
        mouse.down(button=button)
        # What moves less than a few pixels is a click: the way begins with the first step that is
        # more.
        mouse.move(x + dx / 2, y + dy / 2)
        mouse.move(x + dx, y + dy)
        mouse.up(button=button)
        mouse.move(5, 5)

    drag(120, 40)
    turned = YAW + np.pi * 120 / side, PITCH + np.pi * 40 / side
    assert eventually(lambda: hits(there, labelled, *turned) > 0.97)
    assert hits(there, labelled) < 0.9
    there.page.keyboard.down("Shift")
    drag(60, -30)
    there.page.keyboard.up("Shift")
    assert eventually(lambda: hits(there, labelled, *turned, shift=(60, -30)) > 0.97)
    drag(-60, 30, button="right")
    assert eventually(lambda: hits(there, labelled, *turned) > 0.97)
    assert there.state["doc"] is None
    there.find("button[aria-label='Back to the first look']").click()
    mouse.move(5, 5)
    assert eventually(lambda: hits(there, labelled) > 0.97)


def test_arrow_keys_turn_and_with_shift_step_to_other_heads(there, labelled):
    there.page.keyboard.press("ArrowRight")
    there.page.keyboard.press("ArrowDown")
    assert eventually(lambda: hits(there, labelled, YAW + np.pi / 24, PITCH + np.pi / 24) > 0.97)
    assert there.state["head"] == "L0H1"
    there.page.keyboard.press("0")
    assert eventually(lambda: hits(there, labelled) > 0.97)
    there.page.keyboard.press("Shift+ArrowRight")
    there.becomes(head="L0H2", map=MAP)


def test_the_wheel_comes_nearer(there, labelled):
    (box,) = there.boxes(".map-host")
    before = part(screenshot(there), box, inset=8)
    there.page.mouse.move(box[0] + box[2] / 2, box[1] + box[3] / 2)
    there.page.mouse.wheel(0, -400)
    there.page.mouse.move(5, 5)
    assert eventually(lambda: marked(part(screenshot(there), box, inset=8), before).mean() > 0.01)


def test_a_finger_turns_and_two_move(visit, labelled):
    there = visit(labelled, has_touch=True).open(view="head", head="L0H1", map=MAP)
    _, box = points_of(there, labelled)
    touch = there.context.new_cdp_session(there.page)
    side = min(box[2:])

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send(
            "Input.dispatchTouchEvent",
            {
                "type": kind,
                "touchPoints": [{"x": x, "y": y, "id": i} for i, (x, y) in enumerate(points)],
            },
        )

    x, y = box[0] + 40, box[1] + 80
    send("touchStart", (x, y))
    send("touchMove", (x + 50, y))
    send("touchMove", (x + 100, y))
    send("touchEnd")
    turned = YAW + np.pi * 100 / side, PITCH
    assert eventually(lambda: hits(there, labelled, *turned) > 0.97)
    send("touchStart", (x, y), (x + 100, y))
    send("touchMove", (x + 40, y + 20), (x + 140, y + 20))
    send("touchEnd")
    assert eventually(lambda: hits(there, labelled, *turned, shift=(40, 20)) > 0.9)
    assert there.state["doc"] is None


def test_a_click_selects_and_lines_lead_through_space(there, labelled):
    points, box = points_of(there, labelled)
    report = attnviz.open_report(labelled)
    vertex = {int(token): at for at, token in enumerate(points.tokens)}
    low, high = np.add(box[:2], 20), np.add(box[:2], box[2:]) - 20
    for index in points.lonely(box, "query", away=9):
        document, token = whose(labelled, points.tokens[index])
        row = report.attention(0, 1, document)[token]
        key = int(row.argmax())
        end = points.keys[vertex[int(points.tokens[index]) - token + key]]
        if np.hypot(*(end - points.queries[index])) > 120 and ((end > low) & (end < high)).all():
            break
    start = points.queries[index]
    there.page.mouse.click(*start)
    there.becomes(doc=document, token=token, side="query")
    there.page.mouse.move(5, 5)
    expect(there.find(".tooltip")).to_be_hidden()
    page = colors(there)
    alpha = 0.35 + 0.5 * float(row[key])
    color = page["page"] * (1 - alpha) + page["accent"] * alpha
    along = start + (end - start) * np.linspace(0.2, 0.8, 60)[:, None]
    on_line = screenshot(there)[along[:, 1].astype(int), along[:, 0].astype(int)]
    assert (np.abs(on_line - color).max(1) < 60).mean() > 0.4


def test_near_points_are_stronger_than_far_ones(visit, labelled):
    there = visit(labelled).open(view="head", head="L0H1", map=MAP)
    (box,) = there.boxes(".map-host")
    points, depths = solid_places(labelled, 0, 1, box, MAP, YAW, PITCH)
    lonely = points.lonely(list(box), "query", away=9)
    page, pixels = colors(there)["page"], screenshot(there)
    x, y = points.queries[lonely].astype(int).T
    strength = np.abs(pixels[y, x] - page).max(1)
    order, third = np.argsort(depths[lonely]), len(lonely) // 3
    # Names with their halo lie over a few.
    assert third > 3
    assert np.median(strength[order[-third:]]) > 1.15 * np.median(strength[order[:third]])


def test_both_renderers_draw_the_same(visit, labelled):
    drawn = []
    for renderer in ("webgl", "canvas"):
        there = visit(labelled).open(view="head", head="L0H1", map=MAP, renderer=renderer)
        (box,) = there.boxes(".map-host")
        drawn.append(part(screenshot(there), box, inset=8))
    assert (np.abs(drawn[0] - drawn[1]).max(-1) < 60).mean() > 0.99
    masks = [marked(pixels, colors(there)["page"]) for pixels in drawn]
    assert (masks[0] & masks[1]).sum() > 0.85 * (masks[0] | masks[1]).sum()


def test_the_atlas_shows_solid_maps_from_the_front_and_cross_attention_has_its_colours(
    visit, translated_solid
):
    there = visit(translated_solid).open(color="token")
    assert "3-D, seen from the front" in there.text(".lede")
    page, pixels = colors(there)["page"], screenshot(there)
    assert all(
        marked(part(pixels, box, inset=4), page).sum() > 20
        for box in there.boxes(".cell-holder .cell")
    )
    for color, legend in [("token", ".legend-item"), ("received", ".ramp"), ("entropy", ".ramp")]:
        there.open(view="head", head="cross.L0H1", color=color)
        expect(there.find(f".legend-line {legend}").first).to_be_visible()
        (box,) = there.boxes(".map-host")
        assert marked(part(screenshot(there), box, inset=8), page).sum() > 500
