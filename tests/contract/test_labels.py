"""Labels of documents and of parts of their text, from a table to the report."""

import json

import pytest

import attnviz
from attnviz.reader.check import check
from tests.fixtures import text_models
from tests.fixtures.reports import build

ROWS = [
    {
        "text": "the cat sat on a mat",
        "topic": "pets",
        "pos": ["DET", "NOUN", "VERB", "ADP", "DET", "NOUN"],
    },
    {"text": "rain fell", "topic": None, "pos": [[0, 9, "weather"]]},
]


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("labels")
    text_models.save_bert(folder / "model")
    (folder / "rows.jsonl").write_text("\n".join(map(json.dumps, ROWS)))
    (folder / "report").mkdir()
    table = {"file": str(folder / "rows.jsonl"), "labels": ["topic"], "token_labels": ["pos"]}
    models = [{"name": "bert", "source": str(folder / "model")}]
    build({"models": models, "documents": [table, {"text": ["no one saw"]}]}, folder / "report")
    return attnviz.open_report(folder / "report")


def test_documents_have_their_labels(report):
    assert [document.labels for document in report.documents] == [
        {"topic": "pets"},
        {"topic": None},
        {"topic": None},
    ]
    assert report.manifest.documents.labels == ["topic"]


def test_tokens_have_the_labels_of_their_characters(report):
    labels = [document.axes["text"].labels["pos"] for document in report.documents]
    assert labels[0] == (None, "DET", "NOUN", "VERB", "ADP", "DET", "NOUN", None)
    assert labels[1] == (None, "weather", "weather", None)
    assert labels[2] == (None,) * 5


def test_the_report_is_whole(report):
    assert check(report.folder) == []
