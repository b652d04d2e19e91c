"""Both directions of a document's attention, frozen, summed, in one text and on any scale: what is
shaded and what is said is the true attention."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.panels import agrees, panel, shades, token
from tests.browser.shares import check_list, is_share
from tests.browser.visit import Visit, eventually

DOCUMENT, LAYER, HEAD = 17, 3, 7
PLACE = {"view": "document", "head": f"L{LAYER}H{HEAD}", "doc": DOCUMENT}


@pytest.fixture(scope="module")
def attention(quickstart):
    return quickstart.attention(LAYER, HEAD, DOCUMENT).astype(float)


def lines_below(there: Visit) -> np.ndarray:
    """How opaque the line below each token of the only text is."""
    images = (
        panel(there, 0)
        .locator(".token")
        .evaluate_all("all => all.map(e => getComputedStyle(e).backgroundImage)")
    )
    alphas = [re.search(r"rgba\([\d, ]+, ([\d.]+)\)", image) for image in images]
    return np.array([float(alpha[1]) if alpha else 0.0 for alpha in alphas])


@pytest.mark.parametrize("wide", [True, False])
def test_one_text_has_both_directions_on_a_phone_without_asking(visit, quickstart, attention, wide):
    size = {} if wide else {"viewport": {"width": 360, "height": 800}}
    there = visit(quickstart.folder, **size).open(**PLACE, token=9)
    expect(panel(there, 1).locator(".token-text")).to_be_visible(visible=wide)
    if wide:
        there.find("select[aria-label=Directions]").select_option("one")
        there.becomes(texts="one", token=9)
        assert "texts=one" in there.page.url
    expect(panel(there, 1).locator(".token-text")).to_be_hidden()
    assert agrees(shades(there, 0), attention[9])
    assert agrees(lines_below(there), attention[:, 9])
    for number, values in enumerate([attention[9], attention[:, 9]]):
        legend = panel(there, number).locator(".heat-legend")
        expect(legend).to_be_in_viewport()
        assert is_share(legend.inner_text().split("\n")[-1], max(values.max(), 0.05))
    if wide:
        token(there, 20).hover()
        expect(there.find(".tooltip .pair")).to_have_count(2)
        shares = [text.rpartition(" ")[0].split()[-1] for text in there.texts(".tooltip .pair")]
        assert is_share(f"{shares[0]} %", attention[9, 20])
        assert is_share(f"{shares[1]} %", attention[20, 9])


def test_a_double_click_freezes_one_direction_and_the_other_goes_on(visit, quickstart, attention):
    there = visit(quickstart.folder).open(**PLACE)
    token(there, 5).dblclick()
    there.becomes(row=5, column=None, token=None)
    assert "row=5" in there.page.url
    token(there, 20, 1).hover()
    expect(token(there, 20, 1)).to_have_class("token active")
    assert agrees(shades(there, 0), attention[5])
    assert agrees(shades(there, 1), attention[:, 20])
    there.page.keyboard.press("Shift+F")
    there.becomes(row=5, column=20)
    token(there, 8, 1).hover()
    there.says(".tooltip", "→")
    assert agrees(shades(there, 1), attention[:, 20])
    fresh = visit(quickstart.folder).open(**PLACE, row=5, column=20)
    assert agrees(shades(fresh, 0), attention[5])
    assert agrees(shades(fresh, 1), attention[:, 20])
    there.page.go_back()
    there.becomes(row=5, column=None)
    token(there, 5).dblclick()
    there.becomes(row=None, token=None)
    panel(there, 1).locator(".freeze").click()
    eventually(lambda: there.state["column"] is not None)
    assert there.state["column"] is not None
    there.page.keyboard.press("Escape")
    there.becomes(row=None, column=None)


def test_several_tokens_are_added(visit, quickstart, attention):
    there = visit(quickstart.folder).open(**PLACE)
    token(there, 5).click()
    token(there, 9).click(modifiers=["Control"])
    token(there, 14, 1).click(modifiers=["Control"])
    there.becomes(token=5, tokens="9,14")
    lists = there.find(".dock .partners-section")
    chosen = [5, 9, 14]
    check_list(lists.nth(0), attention[chosen].sum(0))
    check_list(lists.nth(1), attention[:, chosen].sum(1))
    assert agrees(shades(there, 0), attention[chosen].sum(0))
    assert "3 queries give, 300 % in all" in there.text(".lede")
    expect(panel(there, 0).locator(".beside")).to_have_count(2)
    token(there, 9).click(modifiers=["Control"])
    there.becomes(token=5, tokens="14")
    token(there, 8).click(modifiers=["Shift"])
    there.becomes(token=5, tokens="6,7,8")
    token(there, 11).focus()
    there.page.keyboard.press("Control+ ")
    there.becomes(token=5, tokens="6,7,8,11")
    fresh = visit(quickstart.folder).open(**PLACE, token=5, tokens="6,7,8,11")
    chosen = [5, 6, 7, 8, 11]
    check_list(fresh.find(".dock .partners-section").nth(1), attention[:, chosen].sum(1))
    there.page.keyboard.press("Escape")
    there.becomes(token=None, tokens="")


def test_the_scale_changes_shades_and_no_number(visit, quickstart, attention):
    there = visit(quickstart.folder).open(**PLACE, token=9)
    row = attention[9]
    there.find("button:text-is('Scale')").click()
    there.find("input[aria-label='Cut-off n']").fill("0.5")
    there.page.keyboard.press("Tab")
    there.becomes(cut=0.5)
    least = row.mean() + 0.5 * row.std()
    assert ((shades(there, 0) > 0) == (row > least)).all()
    there.find("input[aria-label='Ignored first']").fill("1")
    there.page.keyboard.press("Tab")
    there.becomes(ignore=1)
    least = row[1:].mean() + 0.5 * row[1:].std()
    shaded = shades(there, 0) > 0
    assert not shaded[0]
    assert (shaded[1:] == (row[1:] > least)).all()
    legend = panel(there, 0).locator(".heat-legend").inner_text()
    assert is_share(legend.split("\n")[-1], row[1:].max())
    check_list(there.find(".dock .partners-section").nth(0), row)
    there.says(".scale-panel", "mean + n · σ")

    there.find("select[aria-label=Scale]").select_option("log")
    there.becomes(scale="log")
    assert "scale=log" in there.page.url
    there.find("text=The usual scale").click()
    there.becomes(scale="power", cut=None, ignore=0)
    fresh = visit(quickstart.folder).open(**PLACE, token=9, scale="log")
    logarithm = 1 + np.log10(row / row.max()) / 3
    shaded = shades(fresh, 0)
    assert (shaded[logarithm < 0] == 0).all()
    expected = np.clip(logarithm, 0, None) * shaded.max()
    assert shaded == pytest.approx(expected, abs=0.03 * shaded.max())
