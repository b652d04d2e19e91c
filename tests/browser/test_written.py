"""What a head writes, in its panel: the report's own figures."""

from __future__ import annotations

from xml.etree import ElementTree

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.exports import SVG, export, press_export
from tests.browser.visit import Visit


def test_the_panel_shows_what_the_head_writes_and_whom_it_reads(visit, explained):
    there: Visit = visit(explained).open(head="L1H1")
    there.page.locator("[data-list=written] summary").click()
    there.says(".composed", "Reads most from (random 0.088): L0H2 by keys 0.18")
    rows = attnviz.open_report(explained).writes(1, 1).to_pylist()
    there.page.get_by_role("button", name=f"All {len(rows)} tokens").click()
    assert there.texts(".written tbody th bdi") == [row["text"] for row in rows]
    first = there.page.locator(".written tbody tr").first.locator("td").first
    assert first.inner_text() == f"{rows[0]['raised'][0]} +{rows[0]['raised_by'][0]:.2f}"


def test_a_head_leads_to_the_one_that_reads_it(visit, explained):
    there: Visit = visit(explained).open(head="L0H2")
    there.page.locator("[data-list=written] summary").click()
    there.says(".composed", "Is read most by (random 0.088): L1H1 by keys 0.18")
    there.page.locator(".composed").get_by_role("button", name="L1H1").click()
    there.becomes(head="L1H1")


def test_a_text_is_shaded_by_what_the_head_adds_to_the_next_logit(visit, explained):
    """After a word that was there before, the induction head raises the word that followed it then,
    by attending to that."""
    report = attnviz.open_report(explained)
    added, pairs = report.attribution(1, 1, 0), report.attributed_pairs(1, 1, 0)
    token = len(added) - 3
    [key] = np.flatnonzero(abs(pairs[token]) > 1)
    there: Visit = visit(explained).open(view="document", head="L1H1", doc=0, token=token)
    there.page.get_by_label("Shades", exact=True).select_option("next token’s logit")
    there.becomes(added=True)
    names = there.texts(".token-text [data-token]")
    there.says(".lede", f"L1H1 adds +{added[token]:.2f} to the logit of {names[token + 1]}")
    there.says(".added", f"Logit of {names[token + 1]} after {names[token]}: +{added[token]:.2f}")
    lists = [f"L1H1 +{added[token]:.2f}", "None.", f"{names[key]} +{pairs[token, key]:.2f}"]
    assert there.texts(".added ol") == lists
    filled = "all => all.flatMap((e, i) => (e.style.backgroundColor ? [i] : []))"
    below = "all => all.flatMap((e, i) => (e.style.backgroundImage ? [i] : []))"
    tokens = there.find(".token-text [data-token]")
    assert tokens.evaluate_all(filled) == np.flatnonzero(abs(added) > 0.2).tolist()
    assert tokens.evaluate_all(below) == [key]
    there.page.locator(f"[data-token='{key}']").first.hover()
    there.says(".tooltip", f"→ {names[key]} +{pairs[token, key]:.2f} to {names[token + 1]}")
    [(x, y, width, _)] = there.boxes(".added canvas")
    cell = width / (len(added) + 1)
    there.page.mouse.move(x + (key + 0.5) * cell, y + (token - 0.5) * cell)
    there.says(".tooltip", f"from {names[token - 1]} → {names[key]} 0 to {names[token]}")
    there.page.mouse.move(x + (key - 0.5) * cell, y + (token - 0.5) * cell)
    before = f"from {names[token - 1]} → {names[key - 1]} +{pairs[token - 1, key - 1]:.2f}"
    there.says(".tooltip", before)
    there.page.reload()
    there.page.get_by_label("Shades", exact=True).select_option("attention")
    expect(there.find(".added")).to_have_count(0)
    expect(there.find(".dock")).to_be_visible()


def linked(there: Visit) -> list[tuple[str, str]]:
    """The heads that the head in hand is linked to, each with the letter of its link."""
    badges = there.find(".link-badge")
    names = badges.evaluate_all("all => all.map(e => e.dataset.link)")
    return list(zip(names, badges.locator("text").all_text_contents(), strict=True))


def ends(there: Visit) -> list[tuple[float, float]]:
    """Where the one link begins and ends, in the window."""
    return [
        (point["x"], point["y"])
        for point in there.find(".atlas-links .link").evaluate("""line => {
            const at = (length) => line.getPointAtLength(length).matrixTransform(
              line.getScreenCTM());
            return [at(0), at(line.getTotalLength())].map(({ x, y }) => ({ x, y })); }""")
    ]


def test_the_atlas_links_a_head_to_those_that_it_reads(visit, explained):
    """The induction head reads by its keys what the head before the previous token writes: from the
    foot of its map to the top of the reader's, however wide the window is."""
    there: Visit = visit(explained).open(head="L1H1", view="atlas")
    expect(there.find(".link-badge")).to_have_count(1)
    assert linked(there) == [("L0H2", "K")]
    there.says(".link-words", "L1H1 reads most from L0H2 by keys 0.18 (random 0.088).")
    for width in (1280, 600):
        there.page.set_viewport_size({"width": width, "height": 800})
        (first,), (second,) = (
            there.boxes(f"[data-head={name}] .cell") for name in ("L0H2", "L1H1")
        )
        foot = (first[0] + first[2] / 2, first[1] + first[3])
        top = (second[0] + second[2] / 2, second[1])
        assert ends(there) == [pytest.approx(foot, abs=2), pytest.approx(top, abs=2)]
    dashes = "e => getComputedStyle(e).strokeDasharray"
    kinds = [there.find(f".link-kinds .link-{side}").evaluate(dashes) for side in "qkv"]
    assert len(set(kinds)) == 3
    assert there.find(".atlas-links .link").evaluate(dashes) == kinds[1]


def test_links_go_with_the_head_that_is_pointed_at_or_has_the_focus(visit, explained):
    there: Visit = visit(explained).open(head="L0H0", view="atlas")
    none = "L0H0 reads no head, and none reads it, by more than random (random 0.088)."
    there.says(".link-words", none)
    there.find("[data-head=L0H2]").hover()
    expect(there.find(".link-badge")).to_have_attribute("data-link", "L1H1")
    there.says(".link-words", "L0H2 is read most by L1H1 by keys 0.18")
    there.find(".topbar").hover()
    there.says(".link-words", none)
    expect(there.find(".link-badge")).to_have_count(0)
    there.find("[data-head=L0H0]").focus()
    for _ in range(2):
        there.page.keyboard.press("ArrowRight")
    there.says("[aria-live=polite]", "L0H2 is read most by L1H1 by keys 0.18")
    assert linked(there) == [("L1H1", "K")]


def test_links_are_drawn_unless_they_are_switched_off(visit, explained):
    there: Visit = visit(explained).open(head="L1H1", view="atlas")
    expect(there.find(".link-badge")).to_have_count(1)
    there.page.get_by_role("checkbox", name="Links").uncheck()
    there.becomes(unlinked=True)
    there.find("[data-head=L0H2]").hover()
    there.page.wait_for_timeout(300)
    expect(there.find(".link-badge")).to_have_count(0)
    expect(there.find(".link-legend")).to_be_hidden()
    there.page.reload()
    there.page.get_by_role("checkbox", name="Links").check()
    expect(there.find(".link-badge")).to_have_attribute("data-link", "L0H2")


def test_a_figure_of_the_atlas_has_its_links_and_tells_them(visit, explained, tmp_path):
    there: Visit = visit(explained).open(head="L1H1", view="atlas")
    expect(there.find(".link-badge")).to_have_count(1)
    press_export(there)
    drawing = ElementTree.parse(export(there, "SVG", tmp_path))
    dashed = drawing.findall(f".//{SVG}path[@stroke-dasharray='7 6']")
    assert len(dashed) == 2  # the link, and its kind in the legend
    assert {"K", "K keys"} <= {text.text.strip() for text in drawing.iter(f"{SVG}text")}
    assert "L1H1 reads most from L0H2 by keys 0.18" in drawing.findtext(f"{SVG}title")
