"""Examples of a head's attention, from strong to weak, in its panel: what is drawn of each band,
and the way to its document, query and key."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.reports import build_partly_stored


@pytest.fixture(scope="module")
def some(tmp_path_factory):
    """Of five documents two are stored."""
    return build_partly_stored(tmp_path_factory.mktemp("examples"), (6, 11, 9, 17, 8))


def of_band(report, layer, head, band):
    return [row for row in report.examples(layer, head).to_pylist() if row["band"] == band]


def unfolded(visit, report, head):
    there = visit(report.folder).open(view="atlas", head=head)
    there.find("[data-list=examples] summary").click()
    return there


def test_each_band_lists_what_was_drawn_of_it(visit, some):
    there = unfolded(visit, some, "L0H1")
    for band, words in ((0, "50"), (2, "1"), (4, "under 0.1")):
        rows = of_band(some, 0, 1, band)
        there.find(".example-band select").select_option(str(band))
        expect(there.find(".example")).to_have_count(len(rows))
        chosen = there.find(".example-band option:checked").inner_text()
        assert chosen.startswith(words)
        places = there.find(".example").evaluate_all(
            "all => all.map(({dataset: d}) => [+d.document, +d.query, +d.key])"
        )
        assert places == [[row["document"], row["query"], row["key"]] for row in rows]
        summary = there.find("[data-list=examples] p.quiet")
        expect(summary).to_contain_text(f"{rows[0]['count']:,} in the corpus")


def test_an_example_shows_its_tokens_text_and_whether_it_is_stored(visit, some):
    there = unfolded(visit, some, "L0H1")
    there.find(".example-band select").select_option("2")
    rows = of_band(some, 0, 1, 2)
    expect(there.find(".example")).to_have_count(len(rows))
    stored = some.kept_documents()
    assert {row["document"] in stored for row in rows} == {True, False}
    for item, row in zip(there.find(".example").all(), rows, strict=True):
        document = some.documents[row["document"]]
        for side in ("query", "key"):
            token = document.tokens[row[side]]
            expect(item.locator(f".pair-names .{side}")).to_have_text(str(token))
        text = item.locator(".example-text").inner_text().strip("…").split(" … ")[0]
        assert text.strip() in document.text
        place = item.locator(".example-place")
        expect(place).to_contain_text(document.title)
        assert ("not stored" in place.inner_text()) == (row["document"] not in stored)


def test_a_click_leads_to_document_query_and_key(visit, some):
    there = unfolded(visit, some, "L0H1")
    there.find(".example-band select").select_option("1")
    rows = of_band(some, 0, 1, 1)
    expect(there.find(".example")).to_have_count(len(rows))
    row = next(row for row in rows if row["document"] in some.kept_documents())
    there.find(".example").nth(rows.index(row)).click()
    there.becomes(
        view="document", doc=row["document"], token=row["query"], side="query", key=row["key"]
    )
    expect(there.find(".problem.plain")).to_have_count(0)


def test_the_band_stays_from_head_to_head(visit, some):
    there = unfolded(visit, some, "L0H1")
    there.find(".example-band select").select_option("3")
    there.find(".step[data-step=right]").click()
    expect(there.find(".head-title h2")).to_have_text("L0H2")
    expect(there.find(".example-band option:checked")).to_contain_text("0.1")
    expect(there.find(".example")).to_have_count(len(of_band(some, 0, 2, 3)))
