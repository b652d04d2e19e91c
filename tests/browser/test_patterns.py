"""One document under all heads: each pattern is that head's attention, and leads to it."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.damage import alter, copied, flip

_SHADES = """(canvas) => {
  const { width, height } = canvas;
  const { data } = canvas.getContext('2d').getImageData(0, 0, width, height);
  return { width, height, red: [...data].filter((_, i) => i % 4 === 0) };
}"""


def _shades(there, head):
    """How dark each pixel of a head's pattern is, (queries, keys)."""
    found = there.find(f".patterns [data-head='{head}'] canvas").evaluate(_SHADES)
    return 255 - np.array(found["red"]).reshape(found["height"], found["width"])


@pytest.fixture
def there(visit, quickstart_report):
    there = visit(quickstart_report).open(view="patterns", doc=1, head="L1H8")
    expect(there.find(".patterns .lede")).to_contain_text(
        "Every head in this document of 34 tokens"
    )
    return there


def test_every_pattern_is_its_head_s_attention(there, quickstart_report):
    report = attnviz.open_report(quickstart_report)
    assert there.find(".patterns canvas").count() == 72
    for layer, head in [(0, 2), (1, 8), (2, 9), (5, 11)]:
        attention = report.attention(layer, head, 1)
        shades = _shades(there, f"L{layer}H{head}")
        assert shades.shape == attention.shape
        # Shades rise with the share, in steps of the ladder.
        order = np.argsort(attention, axis=None)
        assert (np.diff(shades.flatten()[order].astype(int)) >= 0).all()
        assert shades.flatten()[order[-1]] > shades.flatten()[order[0]] + 80


def test_a_pattern_opens_its_head_with_the_same_document(there):
    there.find("[data-head=L2H9]").click()
    there.becomes(view="document", head="L2H9", doc=1)
    there.find(".way[data-way=patterns]").click()
    there.becomes(view="patterns", head="L2H9", doc=1)
    expect(there.find("[data-head=L2H9]")).to_have_attribute("aria-selected", "true")


def test_arrow_keys_step_and_enter_opens(there):
    there.page.keyboard.press("ArrowDown")
    there.becomes(head="L2H8")
    there.page.keyboard.press("ArrowRight")
    there.becomes(head="L2H9")
    there.page.keyboard.press("Enter")
    there.becomes(view="document", head="L2H9")


def test_the_tab_remembers_the_way_and_the_link_names_it(there):
    assert there.texts(".tab[aria-current]") == ["Document"]
    there.find(".tab[data-view=atlas]").click()
    there.becomes(view="atlas")
    there.find(".tab[data-view=document]").click()
    there.becomes(view="patterns")
    assert "view=patterns" in there.page.url


def test_another_document_is_drawn_anew(there, quickstart_report):
    before = _shades(there, "L0H2").shape
    there.find("button[aria-label='Next document']").click()
    there.becomes(doc=2)
    attention = attnviz.open_report(quickstart_report).attention(0, 2, 2)
    assert _shades(there, "L0H2").shape == attention.shape != before


def test_a_damaged_file_leaves_out_its_heads_alone(visit, quickstart_report, tmp_path):
    report = copied(quickstart_report, tmp_path / "damaged")
    for path in (report / "data").glob("attention-minilm-encoder-L3-*.arrow"):
        alter(report, f"data/{path.name}", flip)
    there = visit(report, tolerate="L3").open(view="patterns", doc=1)
    expect(there.find(".patterns .problem")).to_contain_text("12 heads cannot be drawn")
    failed = there.find(".pattern-holder.failed").evaluate_all(
        "cells => cells.map((cell) => cell.dataset.head)"
    )
    assert failed == [f"L3H{head}" for head in range(12)]
