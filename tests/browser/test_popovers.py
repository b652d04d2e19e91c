"""What opens below a button: it shuts by Escape, by the button and by a press elsewhere."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

POPOVERS = {
    "documents": ({"view": "document", "doc": 1}, ".picker-open", ".picker-list"),
    "scale": ({"view": "document", "doc": 1}, "button.chip:has-text('Scale')", ".scale-panel"),
    "columns": ({"view": "heads"}, "button.chip:has-text('Columns')", ".columns-panel"),
    "export": ({"view": "heads"}, ".topbar .export > button", ".export-panel"),
}


@pytest.mark.parametrize("name", POPOVERS)
def test_it_opens_and_shuts_in_every_way(visit, quickstart_report, name):
    link, *selectors = POPOVERS[name]
    there = visit(quickstart_report).open(**link)
    button, panel = map(there.find, selectors)

    def opens():
        button.click()
        expect(panel).to_be_visible()
        expect(button).to_have_attribute("aria-expanded", "true")

    def is_shut():
        expect(panel).to_be_hidden()
        expect(button).to_have_attribute("aria-expanded", "false")

    is_shut()
    opens()
    there.page.keyboard.press("Escape")
    is_shut()
    expect(button).to_be_focused()
    opens()
    button.click()
    is_shut()
    opens()
    there.find(".title").click()
    is_shut()
