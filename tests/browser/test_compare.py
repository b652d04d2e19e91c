"""Two heads, two documents or two models side by side: the numbers of both are the report's, the
cursor is one, and a difference is drawn where both have the same tokens."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.test_neuron import DOCUMENT, _number

ROWS = ".compared-row tbody tr"


def _table(there) -> dict[int, list[float]]:
    """Attention of both and the difference in points, by key."""
    keys = there.find(ROWS).evaluate_all("rows => rows.map((row) => Number(row.dataset.key))")
    cells = np.array([_number(text) for text in there.texts(f"{ROWS} td")]).reshape(-1, 3)
    return dict(zip(keys, cells.tolist(), strict=True))


@pytest.mark.parametrize(
    ("link", "other"),
    [("L0H3", ("gemma2", 0, 3)), ("gpt_oss/L0H2", ("gpt_oss", 0, 2))],
)
def test_a_difference_is_the_left_minus_the_right(visit, vectors: attnviz.Report, link, other):
    there = visit(vectors.folder).open(
        view="compare", model="gemma2", head="L0H1", doc=DOCUMENT, token=9, **{"with": link}
    )
    model, layer, head = other
    left = vectors.attention(0, 1, DOCUMENT, model="gemma2")[9]
    right = vectors.attention(layer, head, DOCUMENT, model=model)[9]
    table = _table(there)
    assert len(table) == 12
    for key, (a, b, points) in table.items():
        assert (a, b) == pytest.approx((left[key], right[key]), abs=6e-4)
        assert points == pytest.approx(100 * (left[key] - right[key]), abs=0.006)
    largest = np.argsort(-np.abs(left - right), kind="stable")[0]
    assert next(iter(table)) == largest
    assert there.find(".compared-figure.difference").is_visible()


_COLOUR = """(canvas, [x, y]) => {
  const ratio = canvas.width / canvas.clientWidth;
  const pixel = [Math.floor(x * ratio), Math.floor(y * ratio), 1, 1];
  return [...canvas.getContext('2d').getImageData(...pixel).data.slice(0, 3)];
}"""


def test_the_difference_is_drawn_in_the_colour_of_its_sign(visit, vectors: attnviz.Report):
    there = visit(vectors.folder).open(
        view="compare", model="gemma2", head="L0H1", doc=DOCUMENT, **{"with": "L0H3"}
    )
    left, right = (vectors.attention(0, head, DOCUMENT, model="gemma2") for head in (1, 3))
    difference = np.nan_to_num(left - right)
    (box,) = there.boxes(".difference .big-matrix")
    room = (62, 54)  # for names
    side = min(*((box[2 + i] - room[i]) / len(difference) for i in (0, 1)), 26)
    canvas = there.find(".difference canvas")
    for sign in (1, -1):
        query, key = np.unravel_index((sign * difference).argmax(), difference.shape)
        place = [room[0] + (key + 0.5) * side, room[1] + (query + 0.5) * side]
        red, _, blue = canvas.evaluate(_COLOUR, place)
        assert sign * (blue - red) > 40, "more on the left is blue, less is orange"


def test_one_cursor_goes_through_all(visit, vectors: attnviz.Report):
    there = visit(vectors.folder).open(
        view="compare", head="L0H1", doc=DOCUMENT, **{"with": "L0H2"}
    )
    there.page.keyboard.press("ArrowDown")
    there.page.keyboard.press("ArrowDown")
    expect(there.find(".matrix-row:visible")).to_have_count(3)
    tops = {round(top) for _, top, _, _ in there.boxes(".matrix-row")}
    assert len(tops) == 1
    there.page.keyboard.press("Enter")
    there.becomes(token=2, side="query")
    there.says(".compared-row caption", "no looks")


def test_other_documents_and_other_tokens_have_no_difference(visit, vectors: attnviz.Report):
    there = visit(vectors.folder).open(view="compare", head="L0H1", doc=DOCUMENT, **{"with": "@0"})
    there.says(".compare .lede", "other texts")
    expect(there.find(".compared-figure.difference")).to_be_hidden()
    there.find("select[aria-label='Other model']").select_option("deberta")
    there.becomes(**{"with": "deberta/L0H1@0"})
    there.find(".partner-tools .picker [aria-label='Next document']").click()
    there.becomes(**{"with": "deberta/L0H1"})
    there.says(".compare .lede", "other tokens")
    expect(there.find(".matrix-row:visible")).to_have_count(2)


def test_the_head_s_panel_leads_here(visit, vectors: attnviz.Report):
    there = visit(vectors.folder).open(head="L0H1")
    there.page.get_by_role("button", name="Compare side by side").click()
    alike = next(h for h in vectors.manifest.models[0].heads if h.head == 1).alike[0].head
    there.becomes(view="compare", **{"with": alike})
    expect(there.find(".compared-figure.second h3")).to_have_text(alike)
    there.page.go_back()
    there.becomes(view="atlas")


def test_a_comparison_that_is_not_there_is_said(visit, vectors: attnviz.Report):
    there = visit(vectors.folder).open(
        view="compare", head="L0H1", doc=DOCUMENT, **{"with": "L9H9"}
    )
    there.says(".banner", "comparison “L9H9”")
