"""A report of many documents: the list has few rows in the page, reaches all, and is filtered; a
search finds what they say. What is counted is rows and words, not time."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.fixtures.many import multiply
from tests.fixtures.models import save_model, sentences
from tests.fixtures.reports import build, short_corpus

COUNT = 20_000
MOST_ROWS = 100


@pytest.fixture(scope="module")
def many(tmp_path_factory):
    folder = tmp_path_factory.mktemp("many")
    model = save_model("gemma2", folder / "model")
    texts = sentences(8, (6, 9, 7))
    build(short_corpus("tiny", model, documents=[{"text": texts}]), folder / "small")
    return multiply(folder / "small", COUNT, folder / "report", folder / "spare"), texts


@pytest.fixture
def listed(visit, many):
    """The list of documents, open at the second."""
    there = visit(many[0]).open(view="matrix", head="L0H1", doc=1)
    there.find(".picker-open").click()
    expect(there.find(".picker-item[aria-current]")).to_be_in_viewport()
    return there


def numbers(there):
    return [int(text.replace(",", "")) for text in there.texts(".picker-number")]


def test_a_long_list_has_few_rows_in_the_page_and_reaches_all(listed):
    rows = listed.find(".picker-item")
    assert rows.count() <= MOST_ROWS
    assert numbers(listed)[0] == 1
    assert listed.find("li[aria-setsize]").first.get_attribute("aria-setsize") == str(COUNT)
    for share in (0.5, 1.0):
        listed.find(".picker-items").evaluate(
            "(list, share) => { list.scrollTop = share * list.scrollHeight; }", share
        )
        below = min(round(share * COUNT) + 3, COUNT - 1)
        expect(rows.filter(has_text=f"Document {below}").first).to_be_in_viewport()
        assert rows.count() <= MOST_ROWS
    assert numbers(listed)[-1] == COUNT
    rows.last.click()
    listed.becomes(doc=COUNT - 1)


def test_arrow_keys_go_down_a_long_list_as_far_as_one_likes(listed):
    listed.find(".picker-items button").first.focus()
    for _ in range(70):
        listed.page.keyboard.press("ArrowDown")
    focused = listed.page.locator(".picker-item:focus .picker-number")
    expect(focused).to_have_text("71")
    assert listed.find(".picker-item").count() <= MOST_ROWS


def test_a_filter_finds_documents_among_all(listed, many):
    listed.find(".picker-filter").fill("document 1999")
    expect(listed.find("li[aria-setsize]").first).to_have_attribute("aria-setsize", "11")
    assert numbers(listed) == [2000, *range(19_991, 20_001)]
    listed.find(".picker-filter").fill(many[1][1])
    size = len(range(1, COUNT, 3))
    expect(listed.find("li[aria-setsize]").first).to_have_attribute("aria-setsize", str(size))
    assert listed.find(".picker-item").count() <= MOST_ROWS
    listed.find(".picker-filter").fill("there is no such text")
    expect(listed.find(".picker-more")).to_have_text("No document has this.")
    expect(listed.find(".picker-item")).to_have_count(0)


def test_a_search_finds_what_all_documents_say(visit, many):
    folder, texts = many
    word = next(
        word for word in texts[1].split() if sum(word in text.split() for text in texts) == 1
    )
    times = texts[1].split().count(word)
    there = visit(folder).open(view="matrix", head="L0H1", doc=1, find=word)
    there.page.keyboard.press("/")
    members = len(range(1, COUNT, 3))
    there.says(".search-status", f"{members * times:,} hits in {members:,} documents.")
    assert there.find(".search-item").count() <= MOST_ROWS
