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


def test_scores_of_words_are_labels_of_their_tokens(tmp_path):
    text_models.save_bert(tmp_path / "model")
    row = {"text": ["the", "cat", "sat"], "saliency": [0.1, 0.62, -0.25]}
    (tmp_path / "rows.jsonl").write_text(json.dumps(row))
    table = {"file": str(tmp_path / "rows.jsonl"), "token_labels": ["saliency"]}
    models = [{"name": "bert", "source": str(tmp_path / "model")}]
    (tmp_path / "report").mkdir()
    build({"models": models, "documents": [table], "maps": {"methods": []}}, tmp_path / "report")
    labels = attnviz.open_report(tmp_path / "report").documents[0].axes["text"].labels
    assert labels == {"saliency": (None, "0.1", "0.62", "-0.25", None)}


def test_the_report_is_whole(report):
    assert check(report.folder) == []
