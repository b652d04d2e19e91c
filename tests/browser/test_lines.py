"""Attention as lines between two columns of tokens: of the heads that are asked for, with the
numbers of the token that is looked at."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.screenshot import colors, marked, part, screenshot

PAIR, TRANSLATION = 1, 2
KEYS = ".lines-column.key .lines-token"
_BESIDE = """(rows) => rows.map((row) => (
  [row.dataset.token, row.querySelector('.lines-share')?.textContent]))"""


@pytest.fixture
def report(quickstart_report):
    return attnviz.open_report(quickstart_report)


def _shares(there):
    """The shares that stand beside keys, by token."""
    rows = there.find(KEYS).evaluate_all(_BESIDE)
    return {int(token): int(re.sub(r"\D", "", text)) for token, text in rows if text}


def test_a_pinned_query_s_shares_stand_beside_its_keys(visit, quickstart_report, report):
    there = visit(quickstart_report).open(view="lines", head="L2H9", doc=1, token=12)
    row = report.attention(2, 9, 1)[12]
    rows = there.find(KEYS).count()
    expected = {key: round(100 * row[key]) for key in range(rows) if row[key] >= 0.01}
    assert _shares(there) == pytest.approx(expected, abs=1)
    there.find(".lines-column.query .lines-token[data-token='12']").click()
    there.becomes(token=None)
    there.page.mouse.move(5, 5)
    expect(there.find(".lines-share")).to_have_count(0)


def test_pointing_shows_a_key_s_queries(visit, quickstart_report, report):
    there = visit(quickstart_report).open(view="lines", head="L1H8", doc=1)
    there.find(f"{KEYS}[data-token='6']").hover()
    column = report.attention(1, 8, 1)[:, 6]
    rows = there.find(".lines-column.query .lines-token").evaluate_all(_BESIDE)
    queries = {int(token) for token, share in rows if share}
    expected = {query for query, share in enumerate(column) if share >= 0.01 and query < 30}
    assert {query for query in queries if query < 30} == expected


def test_lines_end_at_the_strongest_key(visit, quickstart_report, report):
    """Beside the keys' column, ink stands where the pinned query looks, and nowhere else."""
    there = visit(quickstart_report).open(view="lines", head="L0H2", doc=1, token=9)
    key = int(report.attention(0, 2, 1)[9].argmax())
    (column,) = there.boxes(".lines-column.key")
    pixels, page = screenshot(there), colors(there)
    strip = marked(part(pixels, [column[0] - 6, column[1], 4, 600]), page["page"]).any(1)
    (box,) = there.boxes(f"{KEYS}[data-token='{key}']")
    middle = box[1] + box[3] / 2 - column[1]
    assert np.abs(np.flatnonzero(strip) - middle).max() < 4


def test_several_heads_have_colours_and_squares(visit, quickstart_report):
    there = visit(quickstart_report).open(view="lines", head="L1H8", doc=1, token=5)
    there.find(".head-chip[data-chip=L1H1]").click()
    there.becomes(heads="L1H1,L1H8")
    assert there.texts(".head-chip[aria-pressed=true]") == ["L1H1", "L1H8"]
    squares = there.find(f"{KEYS}[data-token='6'] .lines-squares i")
    expect(squares).to_have_count(2)
    hues = squares.evaluate_all("squares => squares.map((square) => square.style.background)")
    assert hues[0] != hues[1]
    there.page.get_by_role("button", name="only L1H8").click()
    there.becomes(heads="")


def test_resting_on_heads_draws_them_for_as_long(visit, quickstart_report):
    there = visit(quickstart_report).open(view="lines", head="L1H8", doc=1, token=5)
    squares = there.find(f"{KEYS}[data-token='6'] .lines-squares i")
    there.page.get_by_role("button", name="all of the layer").hover()
    there.says(".lede", "Lines of 12 heads of")
    assert squares.count() > 2
    there.find(".head-chip[data-chip=L1H1]").hover()
    there.says(".lede", "Lines of L1H1, L1H8")
    there.page.mouse.move(5, 5)
    there.says(".lede", "Lines of L1H8, from")
    expect(squares).to_have_count(0)
    assert there.state["heads"] == ""


def test_the_layer_of_a_link_is_that_of_its_head(visit, quickstart_report):
    there = visit(quickstart_report).open(view="lines", head="L1H8", doc=1, heads="layer")
    assert there.texts(".head-chip[aria-pressed=true]") == [f"L1H{n}" for n in range(12)]
    there.page.keyboard.press("Shift+ArrowDown")
    there.becomes(head="L2H8", heads="layer")
    assert there.texts(".head-chip[aria-pressed=true]") == [f"L2H{n}" for n in range(12)]
    there.find(".head-chip[data-chip=L2H3]").click()
    there.becomes(heads=",".join(f"L2H{n}" for n in range(12) if n != 3))


def test_special_tokens_are_left_out_and_the_rest_is_whole(visit, quickstart_report, report):
    there = visit(quickstart_report).open(view="lines", head="L2H9", doc=1, token=12, hide="1")
    assert there.find(f"{KEYS} .special").count() == 0
    row = report.attention(2, 9, 1)[12][1:-1]
    row = row / row.sum()
    # Rows far below are not in the page.
    last = max(int(token) for token, _ in there.find(KEYS).evaluate_all(_BESIDE))
    expected = {
        key: round(100 * share) for key, share in enumerate(row, 1) if share >= 0.01 and key <= last
    }
    assert len(expected) > 8
    assert _shares(there) == pytest.approx(expected, abs=1)


def test_a_long_document_scrolls_with_few_rows_in_the_page(visit, quickstart_report):
    there = visit(quickstart_report).open(view="lines", head="L1H8", doc=124, token=300)
    expect(there.find(".lines-token.pinned")).to_be_in_viewport()
    assert there.find(".lines-token").count() < 150
    expect(there.find(".lines-token.pinned")).to_have_attribute("aria-posinset", "301")


def test_arrow_keys_move_pin_and_change_sides(visit, quickstart_report):
    there = visit(quickstart_report).open(view="lines", head="L1H8", doc=1)
    press = there.page.keyboard.press
    press("ArrowDown")
    press("ArrowDown")
    press("Enter")
    there.becomes(token=1, side="query")
    press("ArrowRight")
    there.becomes(token=1, side="key")
    press("ArrowDown")
    there.becomes(token=2, side="key")
    press("Escape")
    there.becomes(token=None)


def test_cross_attention_has_two_texts(visit, mixed):
    there = visit(mixed.folder).open(view="lines", model="t5", head="cross.L1H1", doc=TRANSLATION)
    queries, keys = mixed.attention(1, 1, TRANSLATION, stack="cross", model="t5").shape
    assert there.find(".lines-column.query .lines-token").count() == queries
    assert there.find(KEYS).count() == keys


def test_a_pair_s_lines_go_from_one_text_to_the_other(visit, mixed):
    there = visit(mixed.folder).open(view="lines", model="bert", head="L1H1", doc=PAIR)
    there.find("select[aria-label=Between]").select_option("ab")
    there.becomes(parts="ab")
    tokens = mixed.attention(1, 1, PAIR, model="bert")
    queries = there.texts(".lines-column.query .lines-token")
    keys = there.texts(KEYS)
    assert len(queries) + len(keys) == len(tokens)
    first, second = mixed.documents[PAIR].text.split("\n")
    assert first.startswith(queries[0])
    assert second.startswith(keys[0])


@pytest.mark.parametrize("view", ["lines", "patterns"])
def test_a_document_that_the_model_did_not_take_is_said(visit, mixed, view):
    there = visit(mixed.folder).open(view=view, model="t5", head="encoder.L1H1", doc=0)
    there.says(".problem", "did not take this document")
    there.find(".problem button").click()
    there.becomes(doc=TRANSLATION, view=view)
