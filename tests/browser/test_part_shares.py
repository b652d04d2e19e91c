"""Of a pair of texts: how much each head's attention goes from one to the other, a number a cell,
each opening its head."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from tests.browser.exports import export, press_export
from tests.browser.shares import is_share

PAIR = 1


def _share(attention, first, parts):
    """The mean, over queries of a part, of their attention on keys of a part; the first text has so
    many tokens."""
    segment = np.arange(len(attention)) >= first
    queries, keys = (segment == "ab".index(part) for part in parts)
    return attention[queries][:, keys].sum(1).mean()


@pytest.mark.parametrize(("parts", "how"), [("ab", {}), ("ba", {"weighted": "1"}), ("bb", {})])
def test_each_cell_has_the_sum_of_python_s_attention(visit, mixed, tmp_path, parts, how):
    there = visit(mixed.folder).open(
        view="patterns", model="bert", head="L1H1", doc=PAIR, parts=parts, **how
    )
    heads = mixed.manifest.models[[m.name for m in mixed.manifest.models].index("bert")].heads
    there.says(".patterns .lede", "the mean over")
    first = len(mixed.documents[PAIR].text.split("\n")[0].split())
    press_export(there)
    with export(there, "CSV", tmp_path).open(encoding="utf-8-sig", newline="") as table:
        rows = {row["head"]: float(row["share"]) for row in csv.DictReader(table)}
    assert len(rows) == len(heads)
    for head in heads:
        attention = mixed.attention(
            head.layer, head.head, PAIR, model="bert", weighted="weighted" in how
        )
        expected = _share(attention, first, parts)
        name = f"L{head.layer}H{head.head}"
        assert rows[name] == pytest.approx(expected, abs=1e-6)
        assert is_share(there.find(f"[data-head={name}] .pattern-share").inner_text(), expected)


def test_a_cell_opens_its_head_and_parts_are_chosen_by_name(visit, mixed):
    there = visit(mixed.folder).open(view="patterns", model="bert", head="L1H1", doc=PAIR)
    choice = there.find("select[aria-label=Show]")
    assert choice.locator("option").all_inner_texts()[1:3] == [
        "first text to first text",
        "first text to second text",
    ]
    choice.select_option("ab")
    there.becomes(parts="ab")
    there.find("[data-head=L0H2]").click()
    there.becomes(view="document", head="L0H2", doc=PAIR)


def test_a_text_in_one_piece_has_its_patterns(visit, mixed):
    there = visit(mixed.folder).open(view="patterns", model="bert", head="L1H1", doc=0, parts="ab")
    there.says(".patterns .lede", "queries down, keys across")
    assert there.find(".pattern-share").count() == 0
