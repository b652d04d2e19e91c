"""Every figure that the quickstart's story states is its report's."""

import re
from pathlib import Path

import pytest

import attnviz

STORY = Path(__file__).parents[2] / "corpora" / "quickstart" / "story.md"
SENTENCE = 1
OF, CANDLE, OUT, AGAIN = 9, 11, 19, 16
"""Tokens of the sentence: "of", the first "candle", "out", the second "candle"."""


@pytest.fixture(scope="module")
def report(quickstart_report):
    return attnviz.open_report(quickstart_report)


@pytest.fixture(scope="module")
def heads(report):
    (model,) = report.manifest.models
    return {model.head_id(head): head for head in model.heads}


def test_tokens_are_those_that_it_names(report):
    tokens = report.documents[SENTENCE].tokens
    assert [tokens[at] for at in (0, OF, OF + 1, CANDLE, AGAIN, AGAIN + 1)] == [
        *("[CLS]", "of", "a", "candle", "candle", "is")
    ]
    assert [tokens[at] for at in (14, OUT - 1, OUT)] == ["after", "blown", "out"]
    assert " ".join(report.documents[SENTENCE].text.split()) in " ".join(
        STORY.read_text("utf-8").replace(">", " ").split()
    )


def test_shares_are_the_reports(report, heads):
    rows = {
        name: report.attention(int(name[1]), int(name[3:]), SENTENCE)
        for name in ("L0H2", "L1H8", "L2H9", "L5H9")
    }
    back = [rows["L0H2"][at, at - 1] for at in range(1, len(rows["L0H2"]))]
    assert min(back) >= 0.999
    statistics = {name: head.statistics for name, head in heads.items()}
    maps = heads["L3H7"].maps
    worst = max(head.certificate.total_variation for head in heads.values())
    assert worst <= 0.0028
    expected = [
        1,
        0.999,
        statistics["L0H2"]["previous"],
        statistics["L1H8"]["next"],
        rows["L1H8"][OF, OF + 1],
        rows["L1H8"][AGAIN, AGAIN + 1],
        rows["L1H8"][AGAIN, 0],
        1,
        statistics["L4H5"]["first"],
        statistics["L4H5"]["first_value"],
        rows["L2H9"][AGAIN, CANDLE],
        rows["L2H9"][OUT, 0],
        statistics["L2H9"]["duplicate_probe"],
        statistics["L2H9"]["duplicate_control"],
        maps["attention-2d"].top3_mass,
        maps["pca-2d"].top3_mass,
        rows["L5H9"][OUT, OUT - 1],
        rows["L5H9"][OUT, OUT],
        rows["L5H9"][OUT, 14],
        0.0028,
    ]
    stated = re.findall(r"([\d.]+)\u202f%", STORY.read_text("utf-8"))
    assert len(stated) == len(expected)
    for text, value in zip(stated, expected, strict=True):
        half = 0.5 * 10 ** -len(text.partition(".")[2])
        assert float(text) == pytest.approx(100 * value, abs=half + 1e-3)


def test_counts_are_the_reports(report, heads):
    (model,) = report.manifest.models
    (stack,) = model.stacks
    text = STORY.read_text("utf-8")
    numbers = re.findall(r"(?<![\w.=])\d+(?![\w.\u202f])", re.sub(r"\(#[^)]*\)", "", text))
    labelled = sum(bool(head.labels) for head in heads.values())
    assert list(map(int, numbers)) == [
        72,
        0,
        report.manifest.documents.count,
        len(heads),
        stack.head_size,
        labelled,
        len(heads) - labelled,
        report.manifest.documents.count,
    ]
    assert "six layers of twelve" in " ".join(text.split())
    assert (stack.layers, stack.heads, len(heads)) == (6, 12, 72)
    assert "Ten of the 72 heads give it more than half" in text
    assert sum(head.statistics["first"] > 0.5 for head in heads.values()) == 10
    assert "L5H9" in text
    assert not heads["L5H9"].labels
    books = {source.source.split(",")[1] for source in report.manifest.provenance.sources}
    assert "five books" in text
    assert len(books) == 5
    first = {name: {label.name for label in heads[name].labels} for name in heads}
    assert "previous-token" in first["L0H2"]
    assert "next-token" in first["L1H8"]
    assert "first-token" in first["L4H5"]
    assert "duplicate-token" in first["L2H9"]
