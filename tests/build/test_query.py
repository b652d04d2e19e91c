"""A report's tables are asked in a small language; what it does not understand is shown."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pytest

import attnviz
from attnviz.reader.query import run_query


@pytest.fixture(scope="module")
def report(tmp_path_factory):
    folder = tmp_path_factory.mktemp("query")
    a = np.random.default_rng(0).dirichlet(np.full(6, 0.4), size=(2, 3, 4, 6))[:, :, 0]
    previous = np.eye(6, k=-1)
    previous[0, 0] = 1
    a = np.stack([a[0], np.stack([previous] * 3)])
    return attnviz.build(
        attention=[a, a],
        tokens=[list("abcdef"), list("ghijkl")],
        titles=["Alice", "Bob"],
        labels=[{"gold": "good"}, {"gold": "bad"}],
        out=folder / "r",
        cache=folder / "c",
        options={"maps": {"methods": []}},
    )


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("heads", ["L0H0", "L0H1", "L0H2", "L1H0", "L1H1", "L1H2"]),
        ("heads where layer = 1 and head < 2", ["L1H0", "L1H1"]),
        ("heads where layer = 1 and not (head = 0 or head = 2)", ["L1H1"]),
        ("heads where id = 'L0H2'", ["L0H2"]),
        ("heads by layer desc limit 1", ["L1H0"]),
        ("HEADS where layer = 9".lower(), []),
    ],
)
def test_conditions_order_and_limit(report, query, expected):
    assert report.query(query)["id"].to_pylist() == expected


def test_statistics_labels_and_certificates_are_columns(report):
    rows = report.query("heads where previous > 0.9 and total_variation <= 1").to_pylist()
    assert [row["layer"] for row in rows] == [1, 1, 1]


def test_lists_are_asked_for_what_they_have():
    table = pa.table({"labels": [["previous", "near"], [], None], "score": [0.5, None, 2.0]})
    tables = {"heads": lambda: table}
    assert run_query("heads where labels has Previous", tables).num_rows == 1
    assert run_query("heads where labels has prev", tables).num_rows == 0
    assert run_query("heads where not score > 1", tables)["score"].to_pylist() == [0.5]


def test_documents_are_asked_by_texts_and_labels(report):
    assert report.query("documents where title has ALICE")["number"].to_pylist() == [0]
    assert report.query("documents where gold = 'bad'").to_pylist()[0]["title"] == "Bob"


def test_the_command_prints_rows_or_json(report, attnviz_command):
    code, out, _ = attnviz_command("query", report.folder, "heads where layer = 1 limit 2")
    assert code == 0
    assert out.splitlines()[-1] == "2 rows"
    code, out, _ = attnviz_command("query", report.folder, "documents", "--json")
    rows = json.loads(out)["rows"]
    assert [row["title"] for row in rows] == ["Alice", "Bob"]


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("", "at its end: expected heads or documents"),
        ("tokens", "at tokens: expected heads or documents"),
        ("heads where laye = 1", "did you mean layer"),
        ("heads where layer ~ 1", "at ~ 1: expected"),
        ("heads where layer = many", "expected a number: layer is a number"),
        ("heads where labels = 3", "expected has: labels is a list"),
        ("heads where (layer = 1", "expected )"),
        ("heads limit few", "expected a number of rows"),
        ("heads layer = 1", "expected where, and, or, by, limit or the end"),
    ],
)
def test_what_is_not_understood_is_shown(report, attnviz_command, query, message):
    code, _, err = attnviz_command("query", report.folder, query)
    assert code == 2
    assert message in err
