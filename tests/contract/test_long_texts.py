"""Texts longer than the models take, as windows: what each model reads, and what is said of it."""

import json

import pytest

import attnviz
from attnviz.errors import InputError
from attnviz.reader.check import check
from tests.fixtures import text_models

TEXT = " ".join(text_models.WORDS * 4)
POS = [f"word-{number}" for number in range(len(TEXT.split()))]


@pytest.fixture(scope="module")
def bert(tmp_path_factory):
    return text_models.save_bert(tmp_path_factory.mktemp("bert"))


@pytest.fixture
def build(bert, tmp_path):
    """`build(documents, limits by model, **more)`: the report."""

    def run(documents, limits, **more):
        models = [
            {"name": name, "source": str(bert), "max_length": limit}
            for name, limit in limits.items()
        ]
        return attnviz.build(
            {"models": models, "documents": documents, **more},
            out=tmp_path / "report",
            cache=tmp_path / "cache",
        )

    return run


def test_a_long_text_is_a_document_for_each_window(build):
    report = build(
        [{"text": [{"text": TEXT, "title": "Rain"}, "the cat"]}],
        {"bert": 30},
        window={"overlap": 8},
    )
    titles = [document.title for document in report.documents]
    assert titles == [*(f"Rain · part {number} of 5" for number in range(1, 6)), "the cat"]
    parts = list(report.documents)[:5]
    assert all(len(part) <= 30 for part in parts)
    assert [part.text.split() for part in parts][1][:8] == parts[0].text.split()[-8:]
    (notice,) = report.manifest.notices
    assert (notice.kind, notice.document, notice.model) == ("window", 0, "bert")
    assert (
        notice.message
        == "“Rain” has 98 tokens; bert takes 30: it is shown as 5 windows, which overlap by about 8"
        " tokens"
    )
    assert report.manifest.provenance.sources[0].documents == 6
    assert check(report.folder) == []


def test_each_model_reads_windows_of_its_own_size(build):
    report = build(
        [{"text": [TEXT]}], {"small": 30, "large": 40, "small-too": 30}, window={"overlap": 0}
    )
    lengths = {
        name: [len(d) for d in report.documents_of(name)]
        for name in ("small", "large", "small-too")
    }
    assert lengths["small"] == lengths["small-too"] == [30, 30, 30, 14, 0, 0, 0]
    assert lengths["large"] == [0, 0, 0, 0, 40, 40, 22]
    assert [notice.model for notice in report.manifest.notices] == ["small", "large", "small-too"]


def test_labels_stay_with_their_words(build, tmp_path):
    (tmp_path / "rows.jsonl").write_text(json.dumps({"text": TEXT, "topic": "rain", "pos": POS}))
    table = {"file": str(tmp_path / "rows.jsonl"), "labels": ["topic"], "token_labels": ["pos"]}
    report = build([table], {"bert": 32}, window={"overlap": 0})
    labels = [document.axes["text"].labels["pos"][1:-1] for document in report.documents]
    assert [label for part in labels for label in part] == POS
    assert {document.labels["topic"] for document in report.documents} == {"rain"}


def test_it_is_cut_short_or_refused_where_the_corpus_says_so(build):
    report = build([{"text": [TEXT]}], {"bert": 30}, long="truncate")
    assert [notice.kind for notice in report.manifest.notices] == ["truncated"]
    assert len(report.documents[0]) == 30
    with pytest.raises(InputError, match="98 tokens; bert takes 30"):
        build([{"text": [TEXT]}], {"bert": 30}, long="refuse")
    with pytest.raises(
        InputError, match=r"98 tokens; bert takes 30.* 5 windows.*\nleave strict out to accept this"
    ):
        build([{"text": [TEXT]}], {"bert": 30}, strict=True, window={"overlap": 8})


def test_a_model_that_takes_next_to_nothing_gets_the_beginning(build):
    report = build([{"text": [TEXT]}], {"bert": 6})
    assert [notice.kind for notice in report.manifest.notices] == ["truncated"]


@pytest.mark.parametrize(
    ("limit", "text"), [(1, "the cat"), (2, {"text": "the cat", "pair": "sat"})]
)
def test_a_model_that_takes_no_more_than_its_special_tokens(build, limit, text):
    with pytest.raises(
        InputError, match=f"“the cat” was left out: bert takes {limit} tokens, too few"
    ):
        build([{"text": [text]}], {"bert": limit})
