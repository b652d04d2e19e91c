"""Every map says how far it may be believed, where the reader looks."""

from __future__ import annotations

import math

import pytest

import attnviz
from tests.browser.visit import eventually, plain


def words(mass: float) -> str:
    return f"The three nearest keys carry {math.floor(100 * mass)} % of what any three could."


@pytest.mark.parametrize("map_id", ["attention-2d", "pca-2d"])
def test_each_map_of_a_head_has_its_figure(visit, quickstart_report, map_id):
    heads = attnviz.open_report(quickstart_report).manifest.models[0].heads
    there = visit(quickstart_report).open(view="head", head="L3H7", map=map_id)
    figures = next(h for h in heads if (h.layer, h.head) == (3, 7)).maps[map_id]
    assert there.text(".map-badge") == words(figures.top3_mass)
    there.find(".map-badge").hover()
    eventually(lambda: "Measured on" in there.text(".tooltip"))
    assert f"Measured on all {figures.rows:,} queries, so exact." in there.text(".tooltip")
    there.page.keyboard.press("ArrowRight")
    there.becomes(head="L3H8")
    figures = next(h for h in heads if (h.layer, h.head) == (3, 8)).maps[map_id]
    assert there.text(".map-badge") == words(figures.top3_mass)


def test_solid_maps_and_the_atlas_too(visit, labelled):
    heads = attnviz.open_report(labelled).manifest.models[0].heads
    there = visit(labelled).open(view="head", head="L0H1", map="pca-3d")
    head = next(h for h in heads if (h.layer, h.head) == (0, 1))
    assert there.text(".map-badge") == words(head.maps["pca-3d"].top3_mass)
    there.page.keyboard.press("1")
    there.becomes(view="atlas")
    there.find("[data-head=L0H1]").hover()
    assert words(head.maps["pca-2d"].top3_mass) in plain(there.text(".tooltip"))


def test_what_a_space_cannot_show_is_said(visit, tiny_report):
    """Bloom adds a bias to q·k, which no map of queries and keys has in it."""
    report = tiny_report("bloom")
    model = attnviz.open_report(report).manifest.models[0]
    head = next(h for h in model.heads if h.limits)
    space = next(m.id for m in model.maps if m.method == "pca")
    name = f"L{head.layer}H{head.head}"
    there = visit(report).open(view="head", head=name, map=space)
    limit = head.limits[0]
    assert f"{limit[0].upper()}{limit[1:]}." in there.text(".map-badge")
    there.open(
        view="head", head=name, map=next(m.id for m in model.maps if m.method == "attention")
    )
    assert limit[1:] not in there.text(".map-badge")
