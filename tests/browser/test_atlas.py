"""The atlas under a reader's hands: hover names a head, arrows move, a click or Enter opens it."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.screenshot import colors, marked, part, screenshot
from tests.browser.visit import plain


def test_hovering_names_the_head_and_tells_its_figures(visit, quickstart_report):
    there = visit(quickstart_report).open()
    head = next(
        h
        for h in attnviz.open_report(quickstart_report).manifest.models[0].heads
        if (h.layer, h.head) == (3, 7)
    )
    there.find("[data-head=L3H7]").hover()
    tooltip = there.text(".tooltip")
    assert tooltip.startswith("L3H7 layer 3, head 7")
    assert f"Entropy {head.statistics['entropy']:.2f} nats" in tooltip
    assert there.texts(".row-label.marked, .column-label.marked") == ["H7", "L3"]
    there.find(".topbar").hover()
    expect(there.find(".tooltip")).to_be_hidden()


def test_the_hovered_cell_is_lifted(visit, quickstart_report):
    there = visit(quickstart_report).open()
    (box,) = there.boxes("[data-head=L3H7] .cell")
    frame = [box[0] - 2, box[1] - 2, box[2] + 4, box[3] + 4]
    before = part(screenshot(there), frame)
    there.find("[data-head=L3H7]").hover()
    after = part(screenshot(there), frame)
    assert marked(after, before, by=20).sum() > 60


def test_a_click_opens_the_head(visit, quickstart_report, over):
    there = visit(quickstart_report, over).open()
    there.find("[data-head=L5H11]").click()
    there.becomes(view="head", head="L5H11")
    assert there.text(".head-card h2") == "L5H11"
    assert "head=L5H11" in there.page.url


def test_the_keyboard_alone_finds_and_opens_a_head(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L0H0")
    keyboard = there.page.keyboard
    keyboard.press("ArrowRight")  # the first key only goes to the selected cell
    expect(there.find("[data-head=L0H0]")).to_be_focused()
    for key, head in [
        ("ArrowRight", "L0H1"),
        ("ArrowDown", "L1H1"),
        ("ArrowDown", "L2H1"),
        ("ArrowLeft", "L2H0"),
    ]:
        keyboard.press(key)
        there.becomes(head=head)
        expect(there.find(f"[data-head={head}]")).to_be_focused()
        assert there.text(".tooltip").startswith(head)
        assert there.text(".head-card h2") == head
    keyboard.press("ArrowLeft")  # the edge
    there.becomes(head="L2H0")
    keyboard.press("Enter")
    there.becomes(view="head", head="L2H0")
    keyboard.press("1")
    there.becomes(view="atlas", head="L2H0")


def test_steps_in_the_atlas_are_no_steps_of_the_history(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L0H0", view="head")
    there.page.keyboard.press("1")
    there.becomes(view="atlas")
    for _ in range(4):
        there.page.keyboard.press("ArrowRight")
    there.becomes(head="L0H3")
    there.page.go_back()
    there.becomes(view="head", head="L0H0")


def test_the_bars_are_the_chosen_statistic(visit, quickstart_report):
    there = visit(quickstart_report).open()
    heads = attnviz.open_report(quickstart_report).manifest.models[0].heads
    for name in ("entropy", "previous"):
        there.find("select[aria-label=Bar]").select_option(name)
        there.becomes(bar=name)
        widths = [box[2] for box in there.boxes(".cell-holder .bar")]
        tracks = [box[2] for box in there.boxes(".cell-holder .bar-track")]
        values = np.array([head.statistics[name] for head in heads])
        full = 1 if name == "previous" else values.max()
        assert np.divide(widths, tracks) == pytest.approx(values / full, abs=0.01)


def test_colouring_by_position_repaints_the_same_points(visit, quickstart_report):
    there = visit(quickstart_report).open()
    before = part(screenshot(there), there.boxes("[data-head=L3H7] .cell")[0], inset=2)
    there.find("select[aria-label=Colour]").select_option("position")
    there.becomes(color="position")
    after = part(screenshot(there), there.boxes("[data-head=L3H7] .cell")[0], inset=2)
    page = colors(there)["page"]
    assert (marked(before, page) == marked(after, page)).mean() > 0.87
    assert marked(after, before, by=60).sum() > 100
    there.says(".legend-line", "end of document")


def test_the_theme_changes_the_colours_and_is_remembered(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head="L3H7")
    light = colors(there)
    button = there.find("button[aria-label^=Theme]")
    button.click()
    button.click()
    assert "dark" in (button.get_attribute("aria-label") or "")
    expect(there.find("html")).to_have_attribute("data-theme", "dark")
    dark = colors(there)
    assert np.abs(light["page"] - dark["page"]).min() > 150
    for _ in range(2):
        (box,) = there.boxes(".map-host")
        pixels = part(screenshot(there), box, inset=2)
        assert (np.abs(pixels - dark["page"]).max(-1) < 3).mean() > 0.4
        for kind in ("query", "key"):
            assert (np.abs(pixels - dark[kind]).max(-1) < 60).sum() > 300
        there.page.reload()
        there.drawn()


def test_a_page_that_says_dark_by_itself_is_dark(visit, quickstart_report):
    there = visit(quickstart_report, color_scheme="dark").open()
    assert colors(there)["page"].max() < 60
    there.page.emulate_media(color_scheme="light")
    expect(there.find("html")).to_have_attribute("data-theme", "light")
    assert colors(there)["page"].min() > 200
    assert marked(screenshot(there), colors(there)["page"]).mean() < 0.5


def test_the_help_opens_and_closes_by_key_and_by_click(visit, quickstart_report):
    there = visit(quickstart_report).open()
    there.page.keyboard.press("?")
    there.says("dialog.help", "Reading this report")
    there.page.keyboard.press("Escape")
    expect(there.find("dialog.help")).to_be_hidden()
    there.find("button[aria-label=Help]").click()
    there.says("dialog.help", "Everything works offline")
    there.find("dialog.help button[aria-label=Close]").click()
    expect(there.find("dialog.help")).to_be_hidden()


def test_the_report_says_where_it_comes_from(visit, quickstart_report):
    there = visit(quickstart_report).open()
    there.find(".provenance summary").click()
    provenance_text = plain(there.find(".provenance").inner_text())
    provenance = attnviz.open_report(quickstart_report).manifest.provenance
    for source in provenance.sources:
        assert plain(source.name) in provenance_text
        assert plain(source.licence or "") in provenance_text
    for name, version in provenance.versions.items():
        assert f"{name} {version}" in provenance_text
    assert (
        attnviz.open_report(quickstart_report).manifest.models[0].weights_sha256[:16]
        in provenance_text
    )


def test_a_label_lets_the_other_heads_step_back(visit, quickstart_report):
    there = visit(quickstart_report).open()
    heads = attnviz.open_report(quickstart_report).heads.select(["layer", "head", "labels"])
    having = {
        f"L{row['layer']}H{row['head']}"
        for row in heads.to_pylist()
        if "first-token" in row["labels"]
    }
    page = colors(there)["page"]
    other = next(f"L5H{head}" for head in range(12) if f"L5H{head}" not in having)
    (cell,) = there.boxes(f"[data-head={other}] .cell")
    before = marked(part(screenshot(there), cell), page, by=100).sum()
    there.find(".atlas .label-chip[data-label=first-token]").click()
    there.becomes(labels="first-token")
    faded = there.find(".cell-holder.faded").evaluate_all("all => all.map(c => c.dataset.head)")
    assert having.isdisjoint(faded)
    assert len(having) + len(faded) == 72
    assert f"{len(having)} of 72 heads have the label." in there.text(".lede")
    (cell,) = there.boxes(f"[data-head={other}] .cell")
    assert marked(part(screenshot(there), cell), page, by=100).sum() < before / 4
    assert "labels=first-token" in there.page.url


def test_the_whole_model_is_seen_as_maps_patterns_and_points(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L2H9", doc=3)
    assert there.texts(".atlas .way") == ["Maps", "Patterns", "Points"]
    there.find(".way[data-way=patterns]").click()
    there.becomes(view="patterns", head="L2H9", doc=3)
    there.page.go_back()
    there.becomes(view="atlas", doc=3)
    there.find(".way[data-way=heads]").click()
    there.becomes(view="heads", show="points", head="L2H9")
