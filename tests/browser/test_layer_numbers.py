"""Layers that a model has between those with attention: every name in the viewer has the model's
own number."""

from __future__ import annotations


def test_the_only_attention_of_a_hybrid_is_called_by_its_own_number(visit, hybrid_report):
    there = visit(hybrid_report("jamba")).open()
    assert there.texts(".row-label") == ["L3"]
    assert there.texts(".atlas-gap") == ["L0–2 no softmax attention, or left out"]
    (gap,), (row,) = there.boxes(".atlas-gap"), there.boxes(".atlas-row:not(.atlas-heads)")
    assert gap[1] < row[1]
    assert [cell.get_attribute("data-head") for cell in there.find("[data-head]").all()] == [
        f"L3H{head}" for head in range(4)
    ]
    assert "1 of 4 layers × 4 heads" in there.text("header")
    there.find("[data-head=L3H1]").click()
    there.becomes(view="head", head="L3H1")
    assert "layer 3, head 1" in there.text(".head-card").lower()
    there.says("body", "layers 0–2 have no softmax attention")
    there.open(view="document", head="L3H1", doc=1, token=2)
    assert there.state["head"] == "L3H1"
    row = there.page.evaluate("attnviz.attention(3, 1, 1, 2).then(row => [...row])")
    assert abs(sum(row) - 1) < 0.01
    there.open(view="heads", head="L3H1")
    assert there.state["head"] == "L3H1"
    assert "L3H0" in there.text("main")
