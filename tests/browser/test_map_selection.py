"""A part of a map is selected by hand or by keyboard; a table says what it holds, in the report's
own numbers."""

from __future__ import annotations

import re
from collections import Counter

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.places import Places, places, solid_places, whose
from tests.browser.screenshot import screenshot
from tests.browser.visit import Visit, eventually

LAYER, HEAD = 0, 1
MAP, SOLID = "pca-2d", "pca-3d"


@pytest.fixture
def there(visit, labelled) -> Visit:
    return visit(labelled).open(view="head", head="L0H1", map=MAP)


def pieces(report, points: Places) -> list[str]:
    """What the point of each sampled token is called."""
    documents = attnviz.open_report(report).documents
    names = []
    for token in points.tokens:
        document, index = whose(report, token)
        names.append(documents[document].tokens[index])
    return names


def drag(there: Visit, *corners: tuple[float, float]) -> None:
    mouse = there.page.mouse
    mouse.move(*corners[0])
    mouse.down()
    for corner in corners[1:]:
        mouse.move(*corner, steps=3)
    mouse.up()


def rows(there: Visit, kind: str) -> dict[str, list[str]]:
    """The table's cells by type, with all rows unfolded."""
    table = there.find(f".inside .of-{kind}")
    if table.count() == 0:
        return {}
    cells = table.locator("tbody tr").evaluate_all(
        "rows => rows.map((row) => [...row.cells].map((cell) => cell.textContent))"
    )
    return {first: rest for first, *rest in cells}


def unfold(there: Visit) -> None:
    while (more := there.find(".inside").get_by_text(re.compile("^Show all"))).count():
        more.first.click()


def check_tables(there: Visit, names: list[str], inside: dict[str, np.ndarray]) -> None:
    """Both tables against the pieces of the points that lie inside."""
    unfold(there)
    everyone = Counter(names)
    for kind, mask in inside.items():
        here = Counter(np.array(names, dtype=object)[mask].tolist())
        table = rows(there, kind)
        assert set(table) == set(here)
        for name, count in here.items():
            share = everyone[name] / len(names)
            ratio = count / mask.sum() / share
            cells = table[name]
            assert cells[0] == f"{count} of {everyone[name]}"
            assert float(cells[1]) == pytest.approx(
                ratio, rel=0.005, abs=0.5 if ratio > 9.9 else 0.051
            )
            expected = mask.sum() * share
            rest, rest_expected = mask.sum() - count, mask.sum() - expected
            deviance = 2 * (
                count * np.log(count / expected)
                + (rest * np.log(rest / rest_expected) if rest else 0)
            )
            score = np.sign(count - expected) * np.sqrt(max(0, deviance))
            assert float(cells[2]) == pytest.approx(score, abs=0.051)


def within(points: np.ndarray, low: np.ndarray, high: np.ndarray) -> np.ndarray:
    return ((points > low) & (points < high)).all(1)


def test_a_box_counts_the_tokens_under_it_and_its_link_gives_the_same(visit, there, labelled):
    (box,) = there.boxes(".map-host")
    points = places(labelled, LAYER, HEAD, box, MAP)
    low = np.array([box[0] + 0.2 * box[2], box[1] + 0.1 * box[3]])
    high = np.array([box[0] + 0.62 * box[2], box[1] + 0.7 * box[3]])
    there.find("[data-select=box]").click()
    drag(there, tuple(low), tuple(high))
    expect(there.page).to_have_url(re.compile("area="))
    inside = {"queries": within(points.queries, low, high), "keys": within(points.keys, low, high)}
    assert min(mask.sum() for mask in inside.values()) > 5
    expect(there.find(".inside h2")).to_have_text("In the box")
    names = pieces(labelled, points)
    check_tables(there, names, inside)
    words = there.text(".inside")

    again = visit(labelled)
    again.page.goto(there.page.url)
    again.drawn()
    unfold(again)
    assert again.text(".inside") == words
    there.page.mouse.move(5, 5)
    assert eventually(
        lambda: (np.abs(screenshot(there) - screenshot(again)).max(-1) > 60).mean() < 0.004
    )
    there.page.go_back()
    expect(there.find(".inside")).to_be_hidden()
    there.page.go_forward()
    expect(there.find(".inside")).to_be_visible()


def test_shift_drag_draws_a_lasso_and_a_plain_drag_still_moves(there, labelled):
    (box,) = there.boxes(".map-host")
    points = places(labelled, LAYER, HEAD, box, MAP)
    middle = np.array([box[0] + box[2] / 2, box[1] + box[3] / 2])
    radius = 0.3 * min(box[2:])
    turn = np.linspace(0, 2 * np.pi, 60)
    ring = middle + radius * np.stack([np.cos(turn), np.sin(turn)], -1)
    there.page.keyboard.down("Shift")
    drag(there, *map(tuple, ring))
    there.page.keyboard.up("Shift")
    expect(there.find(".inside h2")).to_have_text("In the lasso")
    away = np.hypot(*(points.both - middle).T)
    sure, possible = (away < radius - 4).sum(), (away < radius + 4).sum()
    counted = int(there.text(".inside p[role=status]").split(" of ")[0].replace(",", ""))
    assert sure <= counted <= possible
    drag(there, tuple(middle), (middle[0] + 40, middle[1] + 25))
    expect(there.page).to_have_url(re.compile("eye="))
    assert there.find(".inside p[role=status]").inner_text().startswith(f"{counted} of")
    there.page.keyboard.press("Escape")
    expect(there.find(".inside")).to_be_hidden()
    assert "area=" not in there.page.url


def test_a_row_lets_its_points_stand_out_and_again_all(there):
    there.find("[data-select=sight]").click()
    there.becomes(mark="")
    row = there.find(".inside .of-queries tbody tr").first.get_by_role("button")
    name = row.inner_text()
    before = screenshot(there)
    row.click()
    there.becomes(mark=f"query {name}")
    assert eventually(lambda: (np.abs(screenshot(there) - before).max(-1) > 60).mean() > 0.002)
    expect(there.find(".inside [aria-pressed=true]")).to_have_text(name)
    there.find(".inside [aria-pressed=true]").click()
    there.becomes(mark="")


def test_by_keyboard_what_is_in_sight_and_the_neighbours_of_a_point(there, labelled):
    near = there.find("[data-select=near]")
    expect(near).to_be_disabled()
    points = places(labelled, LAYER, HEAD, there.boxes(".map-host")[0], MAP)
    document, token = whose(labelled, points.tokens[7])
    there.open(view="head", head="L0H1", map=MAP, doc=document, token=token, side="key")
    sight = there.find("[data-select=sight]")
    sight.focus()
    there.page.keyboard.press("Tab")
    expect(near).to_be_focused()
    there.page.keyboard.press("Enter")
    there.becomes(area="100")
    field = there.find(".inside input")
    field.fill("20")
    field.press("Enter")
    there.becomes(area="20")
    distance = np.hypot(*(points.both - points.keys[7]).T)
    nearest = np.zeros(len(distance), dtype=bool)
    nearest[np.argsort(distance, kind="stable")[:20]] = True
    count = len(points.queries)
    check_tables(
        there,
        pieces(labelled, points),
        {"queries": nearest[:count], "keys": nearest[count:]},
    )


@pytest.mark.parametrize("renderer", ["canvas", "webgl"])
def test_a_solid_map_is_cut_as_it_is_seen_and_keeps_what_was_cut(visit, labelled, renderer):
    there = visit(labelled).open(view="head", head="L0H1", map=SOLID, renderer=renderer)
    (box,) = there.boxes(".map-host")
    points, _ = solid_places(labelled, LAYER, HEAD, box, SOLID, -0.55, 0.38)
    low = np.array([box[0] + 0.3 * box[2], box[1] + 0.2 * box[3]])
    high = np.array([box[0] + 0.55 * box[2], box[1] + 0.6 * box[3]])
    there.find("[data-select=box]").click()
    drag(there, tuple(low), tuple(high))
    inside = {"queries": within(points.queries, low, high), "keys": within(points.keys, low, high)}
    assert sum(mask.sum() for mask in inside.values()) > 5
    check_tables(there, pieces(labelled, points), inside)
    words = there.text(".inside")
    there.page.keyboard.press("ArrowRight")
    assert there.text(".inside") == words
