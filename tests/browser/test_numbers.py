"""The numbers behind every picture, as a table on the page: those of the CSV, to four digits."""

from __future__ import annotations

import re
from itertools import islice

import pytest
from playwright.sync_api import expect

from tests.browser.exports import export, press_export, read_csv
from tests.browser.reach import fits, serious
from tests.browser.test_export import VIEWS

PORTION = 200


def rows_shown(there):
    return there.page.evaluate(
        "[...document.querySelectorAll('.numbers tr')].map(r => [...r.cells].map(c => c.innerText))"
    )


def without_guard(text):
    """A cell of the CSV without the apostrophe that keeps a spreadsheet from computing it."""
    return text[1:] if re.match(r"'\s*[=+\-@]", text) else text


def four_digits(text):
    try:
        return f"{float(text):.4g}"
    except ValueError:
        return " ".join(text.split())


@pytest.mark.parametrize("view", VIEWS)
def test_every_picture_has_its_numbers_as_a_table(visit, quickstart_report, tmp_path, view):
    there = visit(quickstart_report).open(**VIEWS[view])
    there.page.keyboard.press("t")
    expect(there.find(".numbers-frame")).to_be_focused()
    assert serious(there) == []
    columns, *rows = rows_shown(there)
    there.page.keyboard.press("Escape")
    expect(there.find(".numbers")).to_be_hidden()
    press_export(there)
    names, stored = read_csv(export(there, "CSV", tmp_path))
    assert columns == names
    assert len(rows) == min(len(stored), PORTION)
    for row, expected in zip(rows, islice(stored, PORTION), strict=False):
        assert list(map(four_digits, row)) == [
            four_digits(without_guard(cell)) for cell in expected
        ]


def test_a_key_pressed_as_the_table_closes_is_for_the_page(visit, quickstart_report):
    """Until a browser draws its next frame, what had the focus in a closed dialog still has it."""
    there = visit(quickstart_report).open(**VIEWS["map"])
    there.page.keyboard.press("t")
    expect(there.find(".numbers-frame")).to_be_focused()
    there.page.evaluate("""() => {
        document.querySelector('.numbers').close();
        const key = new KeyboardEvent('keydown', { key: 'e', bubbles: true, cancelable: true });
        document.querySelector('.numbers-frame').dispatchEvent(key);
    }""")
    expect(there.find(".export-item").first).to_be_visible()


def test_more_rows_come_when_they_are_asked_for(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head="L1H8")
    press_export(there)
    there.find(".export-item", has_text="Table").click()
    there.says(".numbers footer", "200 of 8,")
    there.find(".numbers footer button").click()
    there.says(".numbers footer", "400 of 8,")
    assert len(rows_shown(there)) == 401


def test_a_picture_of_too_many_numbers_says_what_to_do(visit, quickstart_report):
    there = visit(quickstart_report, viewport={"width": 360, "height": 740})
    there.open(view="patterns", head="L1H8", doc=124)
    there.page.keyboard.press("t")
    there.says(".numbers", "numbers are too many for a file; the matrix of one head can be saved")
    fits(there)
