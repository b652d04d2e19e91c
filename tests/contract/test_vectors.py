"""Queries and keys that the corpus asks for: kept of all documents or of some, and from them the
score, by score and softmax alone, is the attention of the report."""

from __future__ import annotations

import numpy as np
import pytest

import attnviz
from attnviz.errors import InputError
from tests.fixtures.models import save_model, sentences
from tests.fixtures.reports import build, short_corpus

TITLED = [{"text": text, "title": f"Text {i}"} for i, text in enumerate(sentences(3, (6, 11, 9)))]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_model("gemma2", tmp_path_factory.mktemp("gemma2"))


def _build(folder, model, **more):
    build(short_corpus("tiny", model, documents=[{"text": TITLED}], **more), folder / "report")
    return attnviz.open_report(folder / "report")


def test_vectors_of_all_documents_give_the_attention(tmp_path, model):
    """On grouped queries, rotary embedding, a soft cap and a sliding window."""
    report = _build(tmp_path, model, vectors=True)
    for layer, head, document in [(0, 0, 0), (0, 3, 1), (1, 2, 2)]:
        entry = next(
            e for e in report.manifest.models[0].heads if (e.layer, e.head) == (layer, head)
        )
        rule = report.manifest.models[0].rules[entry.rule]
        q, k = (of(layer, head, document).astype(float) for of in (report.queries, report.keys))
        scores = rule.softcap * np.tanh(rule.scaling * q @ k.T / rule.softcap)
        distance = np.subtract.outer(np.arange(len(q)), np.arange(len(k)))
        allowed = (distance >= 0) & (distance <= (rule.mask.before or len(q)))
        weights = np.where(allowed, np.exp(scores), 0)
        attention = report.attention(layer, head, document)
        assert weights / weights.sum(1, keepdims=True) == pytest.approx(attention, abs=1e-6)


@pytest.mark.parametrize("named", [["Text 1"], [1]])
def test_vectors_of_some_documents(tmp_path, model, named):
    report = _build(tmp_path, model, vectors=named)
    assert report.queries(0, 0, 1).shape == (11, 8)
    with pytest.raises(InputError, match="vectors: true"):
        report.queries(0, 0, 0)


def test_documents_that_are_not_there_are_named(tmp_path, model):
    with pytest.raises(InputError) as error:
        _build(tmp_path, model, vectors=["Text 7", 3])
    assert error.value.problems == [
        "report: vectors: there is no document “Text 7”; expected titles or numbers of documents;"
        " did you mean “Text 2”?",
        "report: vectors: there is no document 3; expected numbers from 0 to 2",
    ]


def test_layers_without_vectors_are_said(tmp_path):
    model = save_model("deberta", tmp_path / "model", layers=1)
    report = _build(tmp_path, model, vectors=True)
    notices = [notice.message for notice in report.manifest.notices if notice.kind == "vectors"]
    assert len(notices) == 1
    assert notices[0].startswith("tiny: no queries and keys are kept of encoder layer 0: ")
