"""All models of a report in one atlas: each head in its model's place, opened and reached there."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.reach import fits, serious
from tests.browser.screenshot import screenshot
from tests.browser.visit import eventually
from tests.fixtures.models import save_model
from tests.fixtures.reports import build, sentences
from tests.fixtures.spoiled import manifest_of


@pytest.fixture(scope="module")
def two(shared):
    """A report of two models on the same texts."""

    def make(folder):
        models = [
            {"name": family, "source": str(save_model(family, folder / family, layers=2))}
            for family in ("bert", "gpt2")
        ]
        corpus = {"models": models, "documents": [{"text": sentences(5, (9, 14))}]}
        build(corpus | {"maps": {"methods": ["pca"], "dimensions": [2]}}, folder / "report")

    return shared("models-beside", make) / "report"


def cells(there, model):
    return there.find(f"[role=rowgroup][aria-label^='{model}'] [data-head]")


def heads_of(report, name):
    models = manifest_of(report)["models"]
    return sum(len(model["heads"]) for model in models if model["name"] == name)


def test_all_models_stand_in_one_atlas(visit, two):
    there = visit(two).open(model="gpt2", head="L1H1")
    expect(there.find("[role=rowgroup]")).to_have_count(1)
    there.find(".beside input").check()
    there.becomes(beside=True, model="gpt2", head="L1H1")
    assert [text.split()[0] for text in there.texts(".stack-label b")] == ["bert", "gpt2"]
    picture = screenshot(there)
    for model in ("bert", "gpt2"):
        assert cells(there, model).count() == heads_of(two, model)
        # Points are drawn in each of its cells.
        for box in there.boxes(f"[role=rowgroup][aria-label^='{model}'] .cell"):
            left, top, width, height = (round(side) for side in box)
            assert picture[top + 8 : top + height - 8, left + 8 : left + width - 8].std() > 3
    assert serious(there) == []
    again = visit(two)
    again.page.goto(there.page.url)
    expect(again.find("[role=rowgroup]")).to_have_count(2)


def test_a_head_of_the_other_model_is_pointed_at_reached_and_opened(visit, two):
    there = visit(two).open(model="bert", head="L1H1", beside=1)
    cells(there, "gpt2").nth(1).hover()
    there.says(".tooltip", "L0H1")
    expect(there.find("[aria-selected=true]")).to_have_count(1)
    there.find("[aria-selected=true]").focus()
    last = cells(there, "bert").count()
    for _ in range(last):
        there.page.keyboard.press("ArrowRight")
        if there.state["model"] == "gpt2":
            break
    assert eventually(lambda: there.state["model"] == "gpt2")
    expect(cells(there, "gpt2").and_(there.find("[aria-selected=true]"))).to_be_focused()
    cells(there, "gpt2").nth(1).click()
    there.becomes(view="head", model="gpt2", head="L0H1")


def test_one_model_has_no_switch_and_two_fit_a_phone(visit, two, quickstart_report):
    assert visit(quickstart_report).open().find(".beside").is_hidden()
    there = visit(two, viewport={"width": 360, "height": 740}).open(beside=1)
    expect(there.find("[role=rowgroup]")).to_have_count(2)
    fits(there)
