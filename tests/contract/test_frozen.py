"""A report of format 1 that is never made anew is read as on the day it was made;
tests/js/frozen.test.js reads the same."""

import json
from pathlib import Path

import numpy as np
import pytest

import attnviz
from attnviz.reader.check import check

FROZEN = Path(__file__).parents[1] / "fixtures" / "frozen" / "format-1"
EXPECTED = json.loads((FROZEN / "expected.json").read_text("utf-8"))["models"]


@pytest.fixture(scope="module")
def report():
    return attnviz.open_report(FROZEN)


@pytest.fixture(params=range(len(EXPECTED)), ids=[model["name"] for model in EXPECTED])
def expected(request):
    return EXPECTED[request.param]


def place_of(head, model):
    """The arguments that name a head: `L5H3`, or `cross.L5H3`."""
    stack, _, name = head.rpartition(".")
    layer, number = name[1:].split("H")
    return (int(layer), int(number)), {"model": model, "stack": stack or None}


def test_heads_have_their_names_labels_and_certificates(report, expected):
    model = next(model for model in report.manifest.models if model.name == expected["name"])
    assert [model.head_id(head) for head in model.heads] == expected["heads"]
    for head in model.heads:
        name = model.head_id(head)
        assert [label.name for label in head.labels] == expected["labels"][name]
        place, which = place_of(name, model.name)
        certificate = report.certificate(*place, **which)
        assert certificate.model_dump() == expected["certificates"][name]


def test_documents_have_their_texts_tokens_and_labels(report, expected):
    documents = report.documents_of(expected["name"])
    for document, record in zip(documents, expected["documents"], strict=True):
        assert (document.title, document.text) == (record["title"], record["text"])
        assert document.labels == record["labels"]
        assert set(document.axes) == set(record["axes"])
        for name, tokens in document.axes.items():
            axis = record["axes"][name]
            assert list(tokens.texts) == axis["texts"]
            for column in ("ids", "special", "segment", "row", "column"):
                assert getattr(tokens, column).tolist() == axis[column], column
            spans = zip(tokens.start, tokens.end, strict=True)
            assert ["" if a < 0 else document.text[a:b] for a, b in spans] == axis["surfaces"]
            assert {key: list(value) for key, value in tokens.labels.items()} == axis["labels"]
            assert tokens.crop == (axis["crop"] and pytest.approx(axis["crop"]))


def test_attention_is_what_it_was(report, expected):
    assert len(expected["attention"]) >= 8
    for record in expected["attention"]:
        place, which = place_of(record["head"], expected["name"])
        attention = report.attention(*place, record["document"], **which)
        assert list(attention.shape) == record["shape"]
        for query, row in record["rows"].items():
            assert attention[int(query)] == pytest.approx(row, abs=1e-6)


def test_maps_put_tokens_where_they_were(report, expected):
    assert len(expected["maps"]) >= 8
    for record in expected["maps"]:
        place, which = place_of(record["head"], expected["name"])
        method, _, size = record["map"].rpartition("-")
        sides = report.map(*place, method, int(size[0]), **which)
        for points, token, coordinates in zip(
            sides, record["tokens"], record["places"], strict=True
        ):
            assert np.isfinite(points[token]).all()
            assert points[token] == pytest.approx(coordinates, abs=1e-5)


def test_it_holds_what_it_is_kept_for(report):
    models = report.manifest.models
    encodings = {shard.encoding for shard in report.manifest.shards.values()}
    assert {"dense-uint8", "query-key-int8"} <= encodings
    assert "intervals" in {rule.mask.kind for model in models for rule in model.rules}
    assert "table" in {bias.kind for model in models for bias in model.biases}
    assert {axis.kind for model in models for axis in model.axes} == {"text", "image"}
    assert report.manifest.documents.images


def test_all_that_check_misses_is_its_pages():
    """It is kept without its pages."""
    faults = check(FROZEN)
    assert [fault for fault in faults if "build the report again" not in fault] == []
    assert not any("data/" in fault for fault in faults)
