"""What the panel beside the views says of a head: labels, profile, spread of entropy, documents,
token pairs."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.damage import copied, rewrite
from tests.browser.reach import serious
from tests.browser.visit import Visit
from tests.fixtures.spoiled import manifest_of


def head_of(report: Path, name: str) -> dict[str, Any]:
    """A head of the quickstart's model, as the manifest has it."""
    heads = manifest_of(report)["models"][0]["heads"]
    (entry,) = (head for head in heads if f"L{head['layer']}H{head['head']}" == name)
    return dict(entry)


def unfold(there: Visit, name: str) -> None:
    there.find(f".inspector details[data-list={name}] summary").click()


def test_labels_are_said_with_their_scores_and_none_is_an_answer(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L0H2")
    (label,) = head_of(quickstart_report, "L0H2")["awake_labels"]
    mark = there.find(".label-line .label-mark")
    expect(mark).to_have_text("Previous token")
    mark.hover()
    there.says(".tooltip", f"Attends to the token before: score {100 * label['score']:.1f}")
    assert "awake_labels" not in head_of(quickstart_report, "L3H7")
    there.page.evaluate("location.hash = 'head=L3H7'")
    there.becomes(head="L3H7")
    there.says(".label-line", "No label: no score reaches its threshold.")


def test_a_label_leads_to_all_heads_that_have_it(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L1H11")
    there.find(".label-line button").first.click()
    there.becomes(view="heads", labels="local", head="L1H11")
    marks = there.texts(".heads-table td:nth-child(2)")
    assert marks
    assert all("Local" in text for text in marks)


def test_what_rests_is_said_beside_the_labels_with_it(visit, quickstart_report):
    head = head_of(quickstart_report, "L1H11")
    share, rows = (100 * head["statistics"][name] for name in ("rest", "asleep"))
    there = visit(quickstart_report).open(head="L1H11")
    there.says(".rest-line", f"{share:.1f}")
    there.says(".rest-line", f"more than half in {rows:.1f}")
    there.find(".rest-line button", has_text="First token").click()
    there.becomes(view="heads", labels="first-token", head="L1H11")
    row = there.find(".heads-table tr", has_text="L1H11")
    expect(row.locator(".rest-share")).to_contain_text(f"rests {share:.1f}")


def test_the_profile_is_the_mean_attention_at_each_offset(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L1H8")
    offsets = head_of(quickstart_report, "L1H8")["offsets"]
    heights = there.find(".profile-bar").evaluate_all(
        "all => all.map((e) => e.height.baseVal.value)"
    )
    largest = max(offsets)
    assert heights == pytest.approx([max(heights) * share / largest for share in offsets], abs=0.01)
    assert offsets.index(largest) == 17
    name = f"Mean attention by offset, from −16 to +16: most at +1, {100 * largest:.1f}"
    expect(there.page.get_by_role("img", name=re.compile(re.escape(name)))).to_be_visible()
    there.find(".profile-hit").nth(17).hover()
    there.says(".tooltip", "Offset +1:")


def test_entropies_are_spread_in_tenths(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L3H7")
    deciles = head_of(quickstart_report, "L3H7")["entropy_deciles"]
    label = there.find(".spread").get_attribute("aria-label")
    assert f"Half of all rows have an entropy below {deciles[5]:.2f} nats" in label
    assert there.find(".spread-tick, .spread-median").count() == 11


def test_documents_from_most_to_least_focused_are_links(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L0H2")
    head = head_of(quickstart_report, "L0H2")
    unfold(there, "documents")
    rows = there.find("[data-list=documents] button")
    expect(rows).to_have_count(11)
    assert [int(row.get_attribute("data-document")) for row in rows.all()] == head["typical"]
    assert "most focused" in there.texts("[data-list=documents] button")[0]
    assert "least focused" in there.texts("[data-list=documents] button")[10]
    assert f"{100 * head['focus'][10]:.1f}" in there.texts("[data-list=documents] button")[10]
    there.page.keyboard.press("Shift+ArrowRight")
    there.becomes(head="L0H3")
    # Still unfolded, and of the new head.
    first = head_of(quickstart_report, "L0H3")["typical"][0]
    expect(rows.first).to_have_attribute("data-document", str(first))
    rows.nth(5).click()
    there.becomes(view="document", doc=head_of(quickstart_report, "L0H3")["typical"][5])


def test_heads_that_attend_alike_are_one_press_away(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L3H7")
    nearest = head_of(quickstart_report, "L3H7")["alike"][0]
    there.says(".alike", f"{nearest['distance']:.2f}")
    there.find(".alike button").first.click()
    there.becomes(head=nearest["head"])


def test_pieces_of_the_vocabulary_are_text(visit, quickstart_report, tmp_path):
    piece = "<img src=x onerror=alert(1)>\u202e"

    def plant(manifest: dict[str, Any]) -> None:
        for head in manifest["models"][0]["heads"]:
            head["pairs"] = [{"query": piece, "key": "'\"&lt;", "share": 0.25, "lift": 3.26}]

    report = copied(quickstart_report, tmp_path / "hostile")
    rewrite(report, plant)
    there = visit(report).open(head="L0H2")
    unfold(there, "pairs")
    assert there.find(".pairs bdi").all_inner_texts() == [piece, "'\"&lt;"]
    there.says(".pairs", "× 3.3")
    assert there.find(".pairs img").count() == 0


def test_an_older_report_has_nothing_to_say_and_says_nothing(visit, quickstart_report, tmp_path):
    def forget(manifest: dict[str, Any]) -> None:
        model = manifest["models"][0]
        model.pop("layouts", None)
        model["labels"] = []
        for head in model["heads"]:
            for name in (
                "labels",
                "offsets",
                "typical",
                "focus",
                "entropy_deciles",
                "pairs",
                "position",
                "alike",
            ):
                head.pop(name, None)

    report = copied(quickstart_report, tmp_path / "older")
    rewrite(report, forget)
    there = visit(report).open(head="L0H2")
    expect(there.find(".main-figures")).to_be_visible()
    for selector in (
        ".label-line",
        ".alike",
        ".profile",
        ".spread",
        "[data-list=documents]",
        "[data-list=pairs]",
    ):
        assert there.find(selector).count() == 0
    there.page.keyboard.press("4")
    there.becomes(view="heads")
    expect(there.find(".label-chips")).to_be_hidden()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_keeps_readers_out_of_the_inspector(visit, quickstart_report, scheme):
    there = visit(quickstart_report, color_scheme=scheme).open(head="L0H2")
    unfold(there, "documents")
    unfold(there, "pairs")
    assert serious(there) == []
