"""A slider through the models of a series: what stays, what is said, and that points glide."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import expect

from tests.browser.reach import fits, serious
from tests.browser.test_motion import NOTICE_MOVES
from tests.browser.visit import eventually
from tests.fixtures.models import save_model
from tests.fixtures.reports import build, sentences

STEPS = {"early": 1000, "middle": 2000, "late": 64000}


@pytest.fixture(scope="module")
def series(shared):
    """A report of three models with steps, of which the last is another."""

    def make(folder):
        save_model("bert", folder / "early", layers=2)
        shutil.copytree(folder / "early", folder / "middle")
        save_model("bert", folder / "late", layers=2, seed=9)
        models = [{"source": str(folder / name), "step": step} for name, step in STEPS.items()]
        corpus = {"models": models, "documents": [{"text": sentences(5, (9, 14))}]}
        maps = {"methods": ["attention"], "dimensions": [2]}
        build(corpus | {"maps": maps, "noise_floor": 2}, folder / "report")

    return shared("series", make) / "report"


def test_the_slider_goes_from_step_to_step(visit, series):
    there = visit(series).open(view="head", model="early", head="L1H2", doc=1, token=3)
    slider = there.find(".series input")
    expect(slider).to_have_attribute("aria-valuetext", "step 1,000, 1 of 3")
    there.page.evaluate(NOTICE_MOVES)
    slider.focus()
    for model, words in (("middle", "step 2,000, 2 of 3"), ("late", "step 64,000, 3 of 3")):
        there.page.keyboard.press("ArrowRight")
        there.becomes(model=model, head="L1H2", doc=1, token=3, view="head")
        expect(slider).to_be_focused()
        expect(slider).to_have_attribute("aria-valuetext", words)
    assert eventually(lambda: there.page.evaluate("window.moves") > 0)
    assert there.find(".moved-line").inner_text().startswith("Since step 2,000 its attention moved")
    there.page.keyboard.press("ArrowLeft")
    there.becomes(model="middle", head="L1H2", doc=1, token=3, view="head")
    assert "moved by 0 nats" in there.find(".moved-line").inner_text()
    assert serious(there) == []


def test_statistics_are_lines_with_their_numbers(visit, series):
    there = visit(series, viewport={"width": 390, "height": 844}).open(
        view="heads", model="late", head="L0H0", sort="-entropy"
    )
    fits(there)
    there.find(".sheet-grip").click()
    card = there.find(".series-card")
    expect(card.locator("select")).to_have_value("entropy")
    expect(card.locator(".step-point")).to_have_count(3)
    card.locator("select").select_option("divergence")
    expect(card.locator(".step-point")).to_have_count(2)
    card.locator("summary").click()
    rows = card.locator("tbody tr")
    expect(rows).to_have_count(3)
    cells = rows.all_inner_texts()
    assert [row.split()[:2] for row in cells[:2]] == [["1,000", "–"], ["2,000", "0"]]
    assert float(cells[2].split()[1]) > 0.001
