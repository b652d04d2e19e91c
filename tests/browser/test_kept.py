"""A report that stores the attention of some documents: what stands in place of the others, in
every way of seeing a document, on the map, and in the list of documents."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.reports import build_partly_stored

CARD = "The attention of this document is not in this report."


@pytest.fixture(scope="module")
def some(tmp_path_factory):
    """Of five documents two are stored; maps show all."""
    return build_partly_stored(tmp_path_factory.mktemp("kept"), (6, 11, 9, 7, 8))


@pytest.mark.parametrize("width", [360, 1280])
def test_what_to_write_stays_inside_its_card(visit, some, width):
    window = {"width": width, "height": 700}
    there = visit(some.folder, viewport=window).open(view="document", head="L0H1", doc=2)
    ((left, _, wide, _),) = there.boxes(".problem.plain")
    assert left + wide <= width
    for box in there.boxes(".problem.plain > *"):
        assert box[0] + box[2] <= left + wide
    assert there.find(".snippet").evaluate("e => e.scrollWidth - e.clientWidth") == 0


@pytest.mark.parametrize("view", ["document", "matrix", "lines", "patterns"])
def test_a_document_that_is_not_stored_says_so_and_leads_on(visit, some, view):
    there = visit(some.folder).open(view=view, head="L0H1", doc=2)
    card = there.find(".problem.plain")
    expect(card.locator("b")).to_have_text(CARD)
    expect(card).to_contain_text(
        "It stores that of 2 documents; statistics, labels, pairs and examples"
    )
    expect(card.locator("pre")).to_contain_text('keep: {documents: ["Text 2"]}   # document 2')
    card.locator("button").click()
    expect(card).to_have_count(0)
    there.becomes(doc=1)


def test_without_a_choice_the_first_that_is_stored_is_shown(visit, some):
    there = visit(some.folder).open(view="matrix", head="L0H1")
    expect(there.find(".problem.plain")).to_have_count(0)
    expect(there.find(".picker-name")).to_contain_text("2 / 5")


def test_the_list_of_documents_marks_them_and_steps_pass_them_by(visit, some):
    there = visit(some.folder).open(view="matrix", head="L0H1", doc=1)
    there.find(".picker-open").click()
    absent = there.find(".picker-item.not-taken")
    expect(absent).to_have_count(3)
    expect(absent.first.locator(".picker-preview")).to_have_text("attention not stored")
    there.page.keyboard.press("Escape")
    there.page.get_by_label("Next document").click()
    expect(there.find(".picker-name")).to_contain_text("4 / 5")
    there.becomes(doc=3)


def test_a_map_shows_its_points_and_says_what_it_cannot(visit, some):
    there = visit(some.folder).open(view="head", head="L0H1", doc=2, token=3)
    expect(there.find(".lede")).to_contain_text(
        "the attention of its document is not in this report"
    )
    assert there.page.locator(".problem").count() == 0
    colored = visit(some.folder).open(view="head", head="L0H1", color="entropy")
    colored.says(".quiet", "grey: documents whose attention is not stored")
