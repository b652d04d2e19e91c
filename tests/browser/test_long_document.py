"""A document of more tokens than a page can hold elements for: all of its text is there, and what
is in sight is shaded by its attention."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.panels import agrees, panel, token
from tests.browser.screenshot import colors, rgb
from tests.browser.visit import Visit, eventually
from tests.fixtures.long import corpus, save_long_model
from tests.fixtures.reports import build

TOKENS, FAR = 1500, 1333


@pytest.fixture(scope="module")
def long(tmp_path_factory: pytest.TempPathFactory) -> attnviz.Report:
    """A report on one document of 1,500 words."""
    folder: Path = tmp_path_factory.mktemp("long")
    build(corpus(save_long_model(folder / "model"), TOKENS), folder / "report")
    return attnviz.open_report(folder / "report")


def shades(there: Visit, panel_number: int) -> dict[int, float]:
    """How far the background of each token that has an element is from the page's."""
    script = "all => all.map(e => [e.dataset.token, getComputedStyle(e).backgroundColor])"
    page = colors(there)["page"].astype(float)
    backgrounds = panel(there, panel_number).locator(".token").evaluate_all(script)
    return {
        int(number): 0.0 if color.endswith(", 0)") else float(np.abs(rgb(color) - page).sum())
        for number, color in backgrounds
    }


def test_a_link_to_a_token_far_down_opens_its_part_of_the_text_alone(visit, long):
    there = visit(long.folder).open(view="document", head="L1H3", doc=0, token=FAR)
    attention = long.attention(1, 3, 0)
    for number, values in enumerate([attention[FAR], attention[:, FAR]]):
        expect(token(there, FAR, number)).to_be_in_viewport()
        expect(token(there, FAR, number)).to_have_class("token active pinned")
        drawn = shades(there, number)
        assert 20 < len(drawn) < len(values) / 2
        tokens = np.array(list(drawn))
        assert (np.abs(tokens - FAR) < len(values) / 2).all()
        shade = np.array(list(drawn.values()))
        largest = max(float(values.max()), 0.05)
        assert agrees(shade, values[tokens]) or values[tokens].max() < 0.01 * largest
    words = long.documents[0].text
    for number in (0, 1):
        text = panel(there, number).locator(".token-text").inner_text()
        assert "".join(text.split()).replace("·", "").endswith("".join(words.split())[-400:])


def test_parts_that_come_into_sight_are_shaded_and_can_be_looked_through(visit, long):
    there = visit(long.folder).open(view="document", head="L1H3", doc=0, token=FAR)
    assert token(there, 700).count() == 0
    there.find(".texts").evaluate("e => e.scrollTo(0, e.scrollHeight * 0.45)")
    eventually(lambda: len(set(shades(there, 0)) & set(range(600, 800))) > 50)
    drawn = shades(there, 0)
    tokens = np.array(list(drawn))
    tokens = tokens[np.abs(tokens - 700) < 150]
    values = long.attention(1, 3, 0)[FAR]
    assert agrees(np.array([drawn[int(i)] for i in tokens]), values[tokens])
    there.page.keyboard.press("Escape")
    there.becomes(token=None)
    token(there, 700).hover()
    expect(token(there, 700)).to_have_class("token active")
    there.page.keyboard.press("End")
    last = long.attention(1, 3, 0).shape[0] - 1
    expect(token(there, last)).to_be_focused()
    expect(token(there, last)).to_be_in_viewport()
    assert len(shades(there, 0)) < TOKENS / 2
