"""The search: words, tokens, patterns and labels over all documents and heads, with their counts;
hits one after another, and lit in the maps."""

from __future__ import annotations

import re

import pyarrow as pa
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.screenshot import colors, marked, part, screenshot

STATUS = ".search-status"


@pytest.fixture
def report(quickstart_report):
    return attnviz.open_report(quickstart_report)


def _hits(report, pattern):
    """Places of a pattern, as (document, first token), in order."""
    hits = []
    for number, document in enumerate(report.documents):
        spans = list(zip(document.start, document.end, strict=True))
        for match in re.finditer(pattern, document.text):
            inside = [
                at
                for at, (start, end) in enumerate(spans)
                if start >= 0 and start < match.end() and end > match.start()
            ]
            hits += [(number, inside[0])] if inside else []
    return hits


def _search(there, text):
    there.page.keyboard.press("/")
    there.find(".search-field").fill(text)
    there.becomes(find=text)


def test_words_are_counted_in_all_documents(visit, quickstart_report, report):
    there = visit(quickstart_report).open()
    _search(there, "alice")
    hits = _hits(report, r"(?i)\balice\b")
    documents = sorted({document for document, _ in hits})
    expect(there.find(STATUS)).to_have_text(f"{len(hits)} hits in {len(documents)} documents.")
    listed = there.find(".search-item[data-document]")
    counts = listed.evaluate_all(
        "(items) => items.map((item) => [Number(item.dataset.document),"
        " Number(item.querySelector('.search-count').textContent)])"
    )
    expected = [[number, sum(number == at for at, _ in hits)] for number in documents]
    assert counts == expected[:60]
    assert "find=alice" in there.page.url


def test_enter_and_n_go_from_hit_to_hit(visit, quickstart_report, report):
    there = visit(quickstart_report).open(view="document", doc=0, head="L2H3")
    _search(there, "the")
    hits = _hits(report, r"(?i)\bthe\b")
    there.page.keyboard.press("Enter")
    there.becomes(doc=hits[0][0], token=hits[0][1])
    expect(there.find(STATUS)).to_contain_text(f"1 of {len(hits)} hits")
    there.page.keyboard.press("Enter")
    there.becomes(doc=hits[1][0], token=hits[1][1])
    there.page.keyboard.press("Shift+Enter")
    there.becomes(doc=hits[0][0], token=hits[0][1])
    there.page.keyboard.press("Escape")
    expect(there.find(".search-panel")).to_be_hidden()
    there.page.keyboard.press("N")
    there.becomes(doc=hits[-1][0], token=hits[-1][1])
    there.page.keyboard.press("n")
    there.becomes(doc=hits[0][0], token=hits[0][1], head="L2H3")
    there.page.go_back()
    there.becomes(find="", doc=0, token=None)


def test_tokens_are_found_as_the_vocabulary_writes_them(visit, quickstart_report, report):
    there = visit(quickstart_report).open()
    for piece in ("[CLS]", "##s"):
        many = sum(document.tokens.count(piece) for document in report.documents)
        _search(there, piece)
        expect(there.find(STATUS)).to_contain_text(f"{many} hits in")


def test_patterns_and_what_is_wrong_with_them(visit, quickstart_report, report):
    there = visit(quickstart_report).open()
    _search(there, r"/\b[A-Z]\w+t\b/")
    hits = _hits(report, r"\b[A-Z]\w+t\b")
    expect(there.find(STATUS)).to_contain_text(f"{len(hits)} hits in")
    for pattern, words in {"/(cat/": "no “)”", "/(?=a)b/": "look-arounds", "/x/q": "/i"}.items():
        _search(there, pattern)
        expect(there.find(STATUS)).to_contain_text(words)
    # A pattern that takes others for ever.
    _search(there, "/(.*)*\u2400/")
    expect(there.find(STATUS)).to_have_text("0 hits in 0 documents.")


def test_heads_are_found_by_label_and_by_name(visit, quickstart_report, report):
    there = visit(quickstart_report).open()
    _search(there, "first token")
    labels = report.heads.select(["layer", "head", "labels"]).to_pylist()
    expected = [
        f"L{row['layer']}H{row['head']}" for row in labels if "first-token" in row["labels"]
    ]
    heads = there.find("[data-found-head]")
    expect(heads).to_have_count(len(expected))
    assert heads.evaluate_all("all => all.map((item) => item.dataset.foundHead)") == expected
    heads.first.click()
    there.becomes(head=expected[0])
    _search(there, "l3h7")
    expect(heads).to_have_count(1)


def test_hits_are_lit_in_the_maps_of_the_atlas(visit, quickstart_report, report):
    there = visit(quickstart_report).open(head="L0H2")
    (cell,) = there.boxes("[data-head=L0H2] .cell")
    page = colors(there)["page"]
    before = marked(part(screenshot(there), cell), page, by=120).sum()
    _search(there, "alice")
    there.page.keyboard.press("Escape")
    hits = set(_hits(report, r"(?i)\balice\b"))
    (model,) = report.manifest.models
    (axis,) = model.axes
    path = quickstart_report / report.manifest.shards[axis.sample.shard].path
    with pa.ipc.open_file(path) as shard:
        sample = shard.read_all()["token"].to_pylist()
    lengths = [len(document.tokens) for document in report.documents]
    places = [(number, at) for number, length in enumerate(lengths) for at in range(length)]
    lit = sum(places[token] in hits for token in sample[: model.overview.count])
    assert f"Lit: the points of {len(hits)} hits, {2 * lit} of them in L0H2." in there.text(".lede")
    after = marked(part(screenshot(there), cell), page, by=120).sum()
    assert 0 < after < before / 3, "the other points step back"


def test_a_link_shows_the_same_search(visit, quickstart_report):
    there = visit(quickstart_report).open(find="alice", head="L0H2")
    assert "Lit: the points of" in there.text(".lede")
    expect(there.find(".search-open")).to_contain_text("alice")
    there.page.keyboard.press("/")
    expect(there.find(".search-field")).to_have_value("alice")
    there.find(".search-field").fill("")
    there.becomes(find="")
    assert "Lit" not in there.text(".lede")


def test_escape_gives_the_focus_back(visit, quickstart_report):
    there = visit(quickstart_report).open(head="L0H0")
    there.page.keyboard.press("ArrowRight")
    expect(there.find("[data-head=L0H0]")).to_be_focused()
    there.page.keyboard.press("/")
    expect(there.find(".search-field")).to_be_focused()
    there.page.keyboard.press("Escape")
    expect(there.find("[data-head=L0H0]")).to_be_focused()


def test_hits_stand_out_in_the_map_of_a_head(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head="L2H9", bare="1")
    (host,) = there.boxes(".map-host")
    page = colors(there)["page"]
    before = marked(part(screenshot(there), host), page, by=150).sum()
    there.open(view="head", head="L2H9", bare="1", find="alice")
    after = marked(part(screenshot(there), host), page, by=150).sum()
    assert 0 < after < before / 2, "the other points step back"
