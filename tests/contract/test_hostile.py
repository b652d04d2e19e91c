"""Texts, tokens and titles that try to be markup come back from a report as the texts they are."""

import json
import re

import numpy as np

import attnviz
from attnviz.reader.check import check
from tests.fixtures.hostile import HOSTILE, LONG_TOKEN, TEXTS, TITLE, Page


def test_tokens_and_titles_come_back_as_they_went_in(hostile_report):
    report = attnviz.open_report(hostile_report)
    assert report.manifest.title == TITLE
    assert [d.text for d in report.documents] == list(TEXTS)
    assert [d.title for d in report.documents] == [
        f"{TITLE} {number}" for number in range(len(TEXTS))
    ]
    assert report.documents[0].tokens == ("[CLS]", *HOSTILE, "[SEP]")
    assert report.documents[2].tokens == ("[CLS]", LONG_TOKEN, "[SEP]")


def test_spans_count_code_points(hostile_report):
    document = attnviz.open_report(hostile_report).documents[0]
    inner = zip(document.tokens, document.start, document.end, document.special, strict=True)
    for token, start, end, special in inner:
        assert special == (start == -1) == (end == -1)
        assert special or document.text[start:end] == token


def test_every_document_has_attention(hostile_report):
    report = attnviz.open_report(hostile_report)
    for document in report.documents:
        a = report.attention(1, 3, document.index)
        assert a.shape == (len(document), len(document))
        assert np.isfinite(a).all()


def test_no_page_has_an_element_from_a_text(hostile_report):
    pages = sorted(hostile_report.rglob("*.html"))
    assert len(pages) == 2 + 8  # the viewer, the heads by label, each head
    for path in pages:
        page = Page()
        page.feed(path.read_text("utf-8"))
        scripts = [attributes for tag, attributes in page.elements if tag == "script"]
        assert all(
            re.search(r"assets/[\w.-]+\.js$", attributes.get("src") or "") for attributes in scripts
        )
        assert "img" not in {tag for tag, _ in page.elements}
        assert page.handlers == []
        assert TITLE in "".join(page.text)


def test_twins_are_ascii_that_no_text_can_break_out_of(hostile_report):
    twins = [hostile_report / "manifest.js", *hostile_report.glob("data/*.arrow.js")]
    assert len(twins) > 5
    for twin in twins:
        assert re.fullmatch(
            rb'attnvizShard\("[\w./-]+","[A-Za-z0-9+/=]*","gzip"\)\n', twin.read_bytes()
        )


def test_the_check_finds_nothing_wrong(hostile_report):
    assert check(hostile_report) == []
    assert json.loads((hostile_report / "manifest.json").read_bytes())["title"] == TITLE
