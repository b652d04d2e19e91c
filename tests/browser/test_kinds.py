"""Documents of every kind, and models of several: pairs, translations, images, words, heads
without maps."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.panels import agrees, panel, shades, token
from tests.browser.reports import BRIGHT
from tests.browser.shares import check_list
from tests.browser.visit import eventually
from tests.fixtures.image_models import IMAGE_MODELS

PAIR, TRANSLATION = 1, 2


def test_another_model_shows_the_same_head_document_and_word(visit, mixed):
    there = visit(mixed.folder).open(view="document", model="bert", head="L1H1", doc=0, token=3)
    there.find(".model select").select_option("deberta")
    there.becomes(model="deberta", head="L1H1", doc=0, token=3, view="document")
    there.find(".model select").select_option("t5")
    there.becomes(model="t5", head="encoder.L1H1", doc=0)
    there.says(".problem", "did not take this document")
    there.find(".problem button").click()
    there.becomes(doc=TRANSLATION, model="t5")
    expect(there.find(".texts")).to_be_visible()


def test_stacks_stand_apart_and_are_named(visit, mixed):
    there = visit(mixed.folder).open(model="t5")
    assert there.texts(".stack-label b") == ["Encoder", "Decoder", "Cross-attention"]
    groups = there.find("[role=rowgroup]")
    for number, stack in enumerate(["encoder", "decoder", "cross"]):
        cells = (
            groups.nth(number)
            .locator("[data-head]")
            .evaluate_all("all => all.map(e => e.dataset.head)")
        )
        assert len(cells) > 1
        assert {cell.split(".")[0] for cell in cells} == {stack}


def test_a_head_without_a_map_says_why(visit, mixed):
    there = visit(mixed.folder).open(model="deberta", head="L0H1", view="head")
    reason = (
        next(model for model in mixed.manifest.models if model.name == "deberta").captures[0].reason
    )
    assert reason
    there.says(".problem", "L0H1 has no map")
    there.says(".problem", reason)
    there.find(".problem button").click()
    there.becomes(view="document", head="L0H1")
    attention = mixed.attention(0, 1, 0, model="deberta")
    token(there, 2).hover()
    eventually(lambda: agrees(shades(there, 0), attention[2]))
    assert agrees(shades(there, 0), attention[2])


# ---- translations and pairs


def test_source_and_target_shade_each_other(visit, mixed, over):
    there = visit(mixed.folder, over).open(
        view="document", model="t5", head="cross.L1H1", doc=TRANSLATION
    )
    source, target = (
        mixed.documents_of("t5")[TRANSLATION].axes[name].texts for name in ("source", "target")
    )
    assert panel(there, 0).locator(".token").all_inner_texts() == list(source)
    assert panel(there, 1).locator(".token").all_inner_texts() == list(target)
    attention = mixed.attention(1, 1, TRANSLATION, stack="cross", model="t5")
    token(there, 2, 1).hover()
    eventually(lambda: agrees(shades(there, 0), attention[2]))
    assert agrees(shades(there, 0), attention[2])
    assert not shades(there, 1).any()
    key = int(attention.sum(0).argmax())
    token(there, key).hover()
    eventually(lambda: agrees(shades(there, 1), attention[:, key]))
    assert agrees(shades(there, 1), attention[:, key])
    assert not shades(there, 0).any()
    check_list(there.find(".dock .partners-section:visible"), attention[:, key])


def test_a_cross_attention_token_is_pinned_on_its_side_and_moved_from_there(visit, mixed):
    there = visit(mixed.folder).open(
        view="document", model="t5", head="cross.L1H1", doc=TRANSLATION
    )
    token(there, 3).click()
    there.becomes(token=3, side="key")
    token(there, 3).focus()
    there.page.keyboard.press("ArrowRight")
    there.becomes(token=4, side="key")
    token(there, 1, 1).click()
    there.becomes(token=1, side="query")
    there.page.keyboard.press("Escape")
    there.becomes(token=None)


def test_the_texts_of_a_pair_are_marked(visit, mixed):
    there = visit(mixed.folder).open(view="document", model="bert", doc=PAIR)
    assert [text.lower() for text in there.texts(".text-panel:first-child .part-mark")] == [
        "first text",
        "second text",
    ]
    second = panel(there, 0).locator(".token.second").all_inner_texts()
    assert second == ["on", "a", "mat"]


# ---- words


def test_merged_words_sum_what_they_get_and_average_what_they_give(visit, quickstart_report):
    report = attnviz.open_report(quickstart_report)
    document = next(
        d
        for d in report.documents
        if 12 < len(d) < 40 and any(t.startswith("##") for t in d.tokens)
    )
    word = np.cumsum([not text.startswith("##") for text in document.tokens]) - 1
    attention = report.attention(3, 7, document.index).astype(float)
    member = np.eye(word.max() + 1)[word]
    merged = (member.T @ attention @ member) / member.sum(0)[:, None]
    number = int(word[next(i for i, text in enumerate(document.tokens) if text.startswith("##"))])

    there = visit(quickstart_report).open(view="document", head="L3H7", doc=document.index)
    assert panel(there, 0).locator(".token").count() == len(document)
    there.find("label", has_text="Words merged").click()
    there.becomes(words=True)
    expect(panel(there, 0).locator(".token")).to_have_count(len(merged))
    token(there, number).hover()
    there.says(".lede", "Word")
    eventually(lambda: agrees(shades(there, 0), merged[number]))
    lists = there.find(".dock .partners-section")
    check_list(lists.nth(0), merged[number])
    check_list(lists.nth(1), merged[:, number])
    token(there, number).click()
    first = int(np.flatnonzero(word == number)[0])
    there.becomes(token=first)
    there.find("label", has_text="Words merged").click()
    there.becomes(words=False, token=first)
    expect(panel(there, 0).locator(".token")).to_have_count(len(document))


# ---- images


def test_every_patch_looks_at_the_bright_one(visit, bright_image, over):
    there = visit(bright_image.folder, over).open(view="document", head="L0H1")
    rows, columns = IMAGE_MODELS["vit"].grid
    expect(panel(there, 0).locator(".patch")).to_have_count(rows * columns)
    width_of_file = (
        panel(there, 0)
        .locator(".picture img")
        .evaluate("e => e.decode().then(() => e.naturalWidth)")
    )
    assert width_of_file == columns * 8
    bright = 1 + BRIGHT[0] * columns + BRIGHT[1]
    for number in (1, 6, 12):
        token(there, number).hover()
        eventually(
            lambda number=number: "active" in (token(there, number).get_attribute("class") or "")
        )
        assert shades(there, 0).argmax() == bright
    left, top, width, height = there.boxes(".text-panel:first-child .picture")[0]
    box = token(there, bright).bounding_box()
    assert box["x"] == pytest.approx(left + width * BRIGHT[1] / columns, abs=2)
    assert box["y"] == pytest.approx(top + height * BRIGHT[0] / rows, abs=2)


def test_patches_are_walked_by_keys_and_pinned(visit, bright_image):
    there = visit(bright_image.folder).open(view="document", head="L0H1", doc=0)
    columns = IMAGE_MODELS["vit"].grid[1]
    token(there, 2).focus()
    there.page.keyboard.press("ArrowDown")
    expect(token(there, 2 + columns)).to_be_focused()
    there.page.keyboard.press("ArrowRight")
    expect(token(there, 3 + columns)).to_be_focused()
    there.page.keyboard.press("ArrowUp")
    there.page.keyboard.press("Enter")
    there.becomes(token=3)
    there.says(".token-card", "1, 3")
