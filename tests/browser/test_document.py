"""A document under a reader's hands: shades and percentages are the true attention, in both
directions."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import expect

import attnviz
from tests.browser.panels import agrees, panel, shades, token
from tests.browser.screenshot import colors, part, screenshot
from tests.browser.shares import check_list, is_share, percent_in
from tests.browser.visit import eventually, plain

DENSE, LONG, SMALL = 17, 124, 55
"""Documents: of 34 tokens, of 414 (stored as queries and keys), of 10."""
HEADS = [(3, 7), (0, 2)]


@pytest.mark.parametrize("document", [DENSE, LONG])
@pytest.mark.parametrize(("layer", "head"), HEADS)
def test_hovering_a_token_shades_the_others_by_their_attention(
    visit, quickstart, over, document, layer, head
):
    there = visit(quickstart.folder, over).open(
        view="document", head=f"L{layer}H{head}", doc=document
    )
    attention = quickstart.attention(layer, head, document)
    before = shades(there, 0)
    for number in (3, 8):
        token(there, number).hover()
        name = quickstart.documents[document].tokens[number]
        there.says(".lede", "Point at another")
        eventually(
            lambda number=number: token(there, number).get_attribute("class") == "token active"
        )
        assert agrees(shades(there, 0), attention[number]), name
        assert agrees(shades(there, 1), attention[:, number]), name
        lists = there.find(".dock .partners-section")
        check_list(lists.nth(0), attention[number])
        check_list(lists.nth(1), attention[:, number])
    assert (shades(there, 0) != before).any()
    assert there.state["token"] is None


def test_hovering_in_the_other_panel_looks_through_the_same_token(visit, quickstart):
    there = visit(quickstart.folder).open(view="document", head="L3H7", doc=DENSE)
    token(there, 9, panel_number=1).hover()
    eventually(lambda: "active" in (token(there, 9).get_attribute("class") or ""))
    attention = quickstart.attention(3, 7, DENSE)
    assert agrees(shades(there, 0), attention[9])
    assert agrees(shades(there, 1), attention[:, 9])


def test_legends_say_what_the_strongest_shade_stands_for(visit, quickstart):
    there = visit(quickstart.folder).open(view="document", head="L3H7", doc=DENSE, token=9)
    attention = quickstart.attention(3, 7, DENSE)
    for number, values in enumerate([attention[9], attention[:, 9]]):
        legend = panel(there, number).locator(".heat-legend").inner_text()
        assert is_share(legend.split("\n")[-1], max(values.max(), 0.05))


def test_a_click_pins_and_others_then_tell_their_shares(visit, quickstart, over):
    there = visit(quickstart.folder, over).open(view="document", head="L3H7", doc=DENSE)
    attention = quickstart.attention(3, 7, DENSE)
    token(there, 5).click()
    there.becomes(doc=DENSE, token=5, side="query")
    expect(there.find(".token.pinned")).to_have_count(2)
    for number in (2, 7, 30):
        for panel_number, share in enumerate([attention[5, number], attention[number, 5]]):
            token(there, number, panel_number).hover()
            pair = [
                plain(token(there, n).inner_text())
                for n in ((5, number) if panel_number == 0 else (number, 5))
            ]
            eventually(
                lambda pair=pair: there.text(".tooltip").startswith(f"{pair[0]} → {pair[1]}")
            )
            tooltip = there.text(".tooltip")
            assert tooltip.startswith(f"{pair[0]} → {pair[1]}")
            assert is_share(percent_in(tooltip), share), tooltip
    assert agrees(shades(there, 0), attention[5])
    token(there, 5).click()
    there.becomes(token=None)


def test_the_keyboard_moves_pins_and_lets_go(visit, quickstart):
    there = visit(quickstart.folder).open(view="document", head="L3H7", doc=DENSE)
    keyboard = there.page.keyboard
    token(there, 4).focus()
    keyboard.press("ArrowRight")
    expect(token(there, 5)).to_be_focused()
    keyboard.press("ArrowLeft")
    keyboard.press("ArrowLeft")
    expect(token(there, 3)).to_be_focused()
    assert agrees(shades(there, 0), quickstart.attention(3, 7, DENSE)[3])
    keyboard.press("Enter")
    there.becomes(token=3, side="query")
    keyboard.press("ArrowRight")
    there.becomes(token=4)
    keyboard.press("Home")
    there.becomes(token=0)
    keyboard.press("End")
    there.becomes(token=33)
    keyboard.press("Escape")
    there.becomes(token=None)
    there.says(".lede", "Point at another")


def test_up_and_down_go_to_the_lines_above_and_below(visit, quickstart):
    there = visit(quickstart.folder).open(view="document", head="L3H7", doc=LONG, token=60)
    before = place_in_text(there, 60)
    token(there, 60).focus()
    there.page.keyboard.press("ArrowDown")
    eventually(lambda: there.state["token"] != 60)
    below = place_in_text(there, there.state["token"])
    assert 10 < below[1] - before[1] < 80
    assert abs(below[0] - before[0]) < 120


def place_in_text(there, number):
    """From the text's first token, however far the text is scrolled."""
    first, box = token(there, 0).bounding_box(), token(there, number).bounding_box()
    return box["x"] - first["x"], box["y"] - first["y"]


def test_the_selection_survives_a_change_of_head(visit, quickstart, over):
    there = visit(quickstart.folder, over).open(view="document", head="L3H7", doc=DENSE, token=5)
    for key, layer, head in [("Shift+ArrowRight", 3, 8), ("Shift+ArrowDown", 4, 8)]:
        there.page.keyboard.press(key)
        there.becomes(head=f"L{layer}H{head}", doc=DENSE, token=5, view="document")
        attention = quickstart.attention(layer, head, DENSE)
        assert agrees(shades(there, 0), attention[5])
        assert agrees(shades(there, 1), attention[:, 5])
        check_list(there.find(".dock .partners-section").nth(0), attention[5])
    there.find(".tab[data-view=head]").click()
    there.becomes(view="head", head="L4H8", doc=DENSE, token=5)
    there.says(".lede", "Selected query")


def test_hiding_special_tokens_renormalises_the_others(visit, quickstart):
    layer, head, number = 3, 7, 4
    there = visit(quickstart.folder).open(
        view="document", head=f"L{layer}H{head}", doc=SMALL, token=number
    )
    there.find("text=Hide special tokens").click()
    there.becomes(hide=True, token=number)
    assert "hide=1" in there.page.url
    special = quickstart.documents[SMALL].special
    attention = quickstart.attention(layer, head, SMALL).astype(float)
    assert special.sum() == 2
    expect(panel(there, 0).locator(".special").first).to_be_hidden()

    rest = np.where(special, 0, attention) / attention[:, ~special].sum(1, keepdims=True)
    lists = there.find(".dock .partners-section")
    check_list(lists.nth(0), rest[number])
    check_list(lists.nth(1), np.where(special, 0, rest[:, number]))
    assert rest[number].sum() == pytest.approx(1)
    shares = [
        float(text.split()[0]) for text in lists.nth(0).locator(".partner-share").all_inner_texts()
    ]
    assert len(shares) == 8  # all tokens that are left: their shares are all there is
    assert sum(shares) == pytest.approx(100, abs=0.4)
    hidden = there.text(".note").partition("They hold")[2]
    assert is_share(percent_in(hidden), attention[number, special].sum())
    assert agrees(shades(there, 0), rest[number])


def test_the_matrix_is_the_attention(visit, quickstart):
    there = visit(quickstart.folder).open(view="document", head="L3H7", doc=DENSE)
    attention = quickstart.attention(3, 7, DENSE)
    token(there, 3).hover()
    there.page.mouse.move(5, 5)
    box = there.boxes(".matrix-canvas")[0]

    def cells() -> NDArray[np.float64]:
        pixels = part(screenshot(there), box)
        middles = (np.arange(len(attention)) + 0.5) / len(attention)
        rows, columns = (
            (middles * pixels.shape[0]).astype(int),
            (middles * pixels.shape[1]).astype(int),
        )
        distances: NDArray[np.float64] = (
            np.abs(pixels[np.ix_(rows, columns)] - colors(there)["page"]).sum(-1).astype(float)
        )
        return distances

    def rank(of: NDArray[np.floating]) -> NDArray[np.intp]:
        return np.argsort(np.argsort(of.ravel()))

    eventually(lambda: np.corrcoef(rank(cells()), rank(attention))[0, 1] > 0.9)
    drawn = cells()
    assert np.corrcoef(rank(drawn), rank(attention))[0, 1] > 0.9
    assert np.corrcoef(rank(drawn), rank(attention.T))[0, 1] < 0.8

    query, key = 6, 20
    size = len(attention)
    there.page.mouse.move(
        box[0] + (key + 0.5) / size * box[2], box[1] + (query + 0.5) / size * box[3]
    )
    assert is_share(percent_in(there.text(".tooltip")), attention[query, key])
    there.page.mouse.down()
    there.page.mouse.up()
    there.becomes(token=query, side="query")


def test_documents_are_found_by_step_and_by_filter(visit, quickstart):
    there = visit(quickstart.folder).open(view="document")
    there.find("button[aria-label='Next document']").click()
    there.becomes(doc=1)
    there.find("button[aria-label='Next document']").click()
    there.becomes(doc=2)
    there.find("button[aria-label='Previous document']").click()
    there.becomes(doc=1)
    there.find(".picker-open").click()
    there.find(".picker-filter").fill("tea-party")
    expect(there.find(".picker-item")).to_have_count(
        sum("tea-party" in (d.title + d.text).lower() for d in quickstart.documents)
    )
    there.page.keyboard.press("Enter")
    there.becomes(doc=LONG)
    assert (
        there.text(".picker-name") == f"{LONG + 1} / 126 {plain(quickstart.documents[LONG].title)}"
    )
    expect(there.find(".picker-list")).to_be_hidden()


def test_a_link_to_a_token_far_down_brings_it_into_sight(visit, quickstart):
    there = visit(quickstart.folder).open(view="document", head="L3H7", doc=LONG, token=390)
    for number in (0, 1):
        expect(token(there, 390, number)).to_be_in_viewport()
    there.find(".texts").evaluate("e => e.scrollTo(0, 0)")
    there.page.keyboard.press("Shift+ArrowRight")
    there.becomes(head="L3H8", token=390)
    expect(token(there, 390)).not_to_be_in_viewport()  # the reader went elsewhere
    there.find(".dock .partner").first.click()
    eventually(lambda: there.state["token"] != 390)
    expect(token(there, there.state["token"])).to_be_in_viewport()


def test_a_token_that_a_document_does_not_have_is_refused_in_words(visit, quickstart):
    there = visit(quickstart.folder).open(view="document", head="L3H7", doc=SMALL, token=99)
    there.becomes(token=None)
    assert "“99”" in there.text(".banner")


def test_what_goes_to_a_learned_sink_stands_below_the_keys(visit, tiny_report):
    report = attnviz.open_report(tiny_report("gpt_oss"))
    rest = report.attention(1, 2, 1, sink=True)[3, -1]
    assert rest > 0.05
    there = visit(report.folder).open(view="document", head="L1H2", doc=1, token=3)
    (share,) = there.texts(".text-panel:first-of-type .sink-share, .partners .sink-share")[:1]
    assert share.startswith("learned sink no token")
    assert (
        abs(float(share.split()[-2 if share.endswith(" %") else -1].rstrip("%")) - 100 * rest) < 1
    )
    there.open(view="head", head="L1H2", doc=1, token=3)
    there.says(".token-card", "learned sink")
