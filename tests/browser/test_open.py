"""A report opens from a folder with the network off, and from a server under a sub-path: every view
is drawn."""

from __future__ import annotations

import numpy as np
import pytest

import attnviz
from tests.browser.places import places, table
from tests.browser.screenshot import colors, marked, near, part, rgb, screenshot

RENDERERS = ["webgl", "canvas"]
DEEP = {"model": "minilm", "head": "L3H7", "doc": 17, "token": 5, "side": "key"}


@pytest.mark.parametrize("renderer", RENDERERS)
def test_the_atlas_shows_every_head_s_points_where_they_are(
    visit, quickstart_report, over, renderer
):
    there = visit(quickstart_report, over).open(renderer=renderer)
    assert there.find(f"canvas[data-renderer={renderer}]").count() == 1
    page, pixels = colors(there), screenshot(there)
    heads = table(quickstart_report, "overview").to_pylist()
    boxes = there.boxes(".cell-holder .cell")
    assert len(boxes) == len(heads) == 72
    # Codes go from edge to edge of the frame that stands inside each cell.
    rim = float(
        there.find(".atlas-grid").evaluate(
            "grid => parseFloat(grid.style.getPropertyValue('--rim'))"
        )
    )

    hits, mirrored = [], []
    for box, head in zip(boxes, heads, strict=True):
        cell = part(pixels, box, inset=2)
        drawn = marked(cell, page["page"])
        # Small cells show as many points as they have room for, from the first on.
        codes = np.array([*head["queries"][:200], *head["keys"][:200]]).reshape(-1, 2)
        x, y = (codes[((codes > 8) & (codes < 247)).all(1)] / 255).T
        size = np.array(cell.shape[1::-1]) - 2 * (rim - 1)
        hits.append(near(drawn, rim - 1 + np.stack([x, 1 - y], 1) * size).mean())
        mirrored.append(near(drawn, rim - 1 + np.stack([x, y], 1) * size).mean())
        for kind in ("query", "key"):
            assert (np.abs(cell - page[kind]).max(-1) < 60).sum() > 20
    assert min(hits) > 0.97
    assert np.mean(mirrored) < 0.85
    assert np.greater(hits, mirrored).all()


@pytest.mark.parametrize("renderer", RENDERERS)
def test_a_head_shows_its_points_where_they_are(visit, quickstart_report, over, renderer):
    there = visit(quickstart_report, over).open(view="head", head="L3H7", renderer=renderer)
    (box,) = there.boxes(".map-host")
    drawn = marked(screenshot(there), colors(there)["page"])
    points = places(quickstart_report, 3, 7, box)
    visible = points.inside(box)
    assert visible.mean() > 0.9
    assert near(drawn, points.both[visible]).mean() > 0.99
    assert near(drawn, points.mirrored(box, 0)[visible]).mean() < 0.8
    assert near(drawn, points.mirrored(box, 1)[visible]).mean() < 0.8


def test_a_document_shows_its_text_shaded(visit, quickstart_report, over):
    there = visit(quickstart_report, over).open(**DEEP, view="document")
    report = attnviz.open_report(quickstart_report)
    document = report.documents[17]
    for panel in there.find(".text-panel .token-text").all():
        texts = panel.locator(".token").all_inner_texts()
        inner = [
            document.text[a:b] for a, b in zip(document.start, document.end, strict=True) if a >= 0
        ]
        assert texts == [document.tokens[0], *inner, document.tokens[-1]]

    looked_at_by = report.attention(3, 7, 17)[:, 5]
    strongest = there.find(f".text-panel >> nth=1 >> .token[data-token='{looked_at_by.argmax()}']")
    shade = rgb(strongest.evaluate("e => getComputedStyle(e).backgroundColor"))
    box = strongest.bounding_box()
    pixels = part(screenshot(there), [box["x"], box["y"], box["width"], box["height"]])
    assert (np.abs(pixels - shade).max(-1) < 3).mean() > 0.3
    assert np.abs(shade - colors(there)["page"]).max() > 60


@pytest.mark.parametrize("view", ["atlas", "head", "document", "lines", "matrix", "patterns"])
def test_a_link_restores_what_it_names_and_reloading_keeps_it(visit, quickstart_report, over, view):
    there = visit(quickstart_report, over).open(**DEEP, view=view)
    for _ in range(2):
        assert there.find("html").get_attribute("data-view") == view
        assert there.state == there.state | DEEP | {"view": view}
        assert there.text(".head-card h2") == "L3H7"
        if view != "atlas":
            assert there.text(".token-card .facts dd") == "6 of 34"
            assert "Document 18 of 126" in there.text(".token-card").replace(
                "DOCUMENT", "Document"
            ).replace("OF", "of")
        if view == "head":
            there.says(".lede", "Selected key")
        if view == "document":
            there.says(".lede", "pinned")
            assert there.find(".token.pinned").count() == 2
        there.page.reload()
        there.drawn()


def test_back_and_forward_walk_through_what_was_seen(visit, quickstart_report, over):
    there = visit(quickstart_report, over).open(head="L2H3")
    there.find("[data-head=L4H5]").click()
    there.becomes(view="head", head="L4H5")
    there.find(".tab", has_text="Document").click()
    there.becomes(view="document")
    there.find(".text-panel >> nth=0 >> .token[data-token='4']").click()
    there.becomes(view="document", doc=0, token=4)

    steps = [
        {"view": "document", "head": "L4H5", "doc": None, "token": None},
        {"view": "head", "head": "L4H5"},
        {"view": "atlas", "head": "L2H3"},
    ]
    for step in steps:
        there.page.go_back()
        there.becomes(**step)
        assert there.find("html").get_attribute("data-view") == step["view"]
    for step in [*reversed(steps[:-1]), {"view": "document", "doc": 0, "token": 4}]:
        there.page.go_forward()
        there.becomes(**step)
    there.says(".lede", "pinned")


def test_a_link_that_does_not_fit_says_so_and_shows_the_usual(visit, quickstart_report, over):
    there = visit(quickstart_report, over).open(head="L99H0", map="umap-9d", doc=5000, later="kept")
    banner = there.text(".banner")
    assert "“L99H0”" in banner
    assert "“umap-9d”" in banner
    assert "“5000”" in banner
    assert there.state["doc"] is None
    assert there.find(".cell-holder").count() == 72
    there.find(".tab[data-view=head]").click()
    there.becomes(view="head")
    assert "later=kept" in there.page.url


def test_over_file_every_request_is_for_a_twin_and_over_http_none_is(
    visit, quickstart_report, over
):
    there = visit(quickstart_report, over).open(view="document", doc=124, token=3)
    data = [url for url in there.requested if "/data/" in url]
    assert len(data) >= 3
    assert {url.endswith(".arrow.js") for url in data} == {over == "file"}
    assert len(set(data)) == len(data)
