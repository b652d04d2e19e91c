"""Corpora and tables that are changed at random: a Config, documents, or an InputError; nothing
else."""

from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from attnviz.config import load_config, parse_config
from attnviz.errors import InputError
from attnviz.modalities.reading import read_corpus

CORPORA = 400
TABLES = 200

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(
        ["~", "../x", "/dev/zero", "package:none", "**", "a.csv", "\ud800", "x" * 5000]
    ),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3)
    ),
    max_leaves=6,
)
WHOLE = {
    "title": "t",
    "models": [{"name": "m", "source": "owner/model", "revision": "r", "dtype": "float32",
                "device": "cpu", "layers": [0], "heads": [0]}],
    "documents": [
        {"text": ["a", {"text": "b", "title": "c", "pair": "d"}], "source": "s", "licence": "l"},
        {"file": "a.txt", "split": "line", "max_bytes": 1000},
        {"file": "a.csv", "text_column": "x", "labels": ["y"], "token_labels": ["z"]},
        {"prompts": [{"text": "p", "title": "q"}], "generate": {"max_new_tokens": 3}},
        {"translate": [{"source": "s", "target": "t"}]},
    ],
    "maps": {"methods": ["pca"], "points": 12},
    "fidelity": {"total_variation": 0.005, "max_error": 0.02},
    "window": {"overlap": 4},
    "site": {"theme": "auto", "url": "https://example.org/"},
    "head_labels": [
        {"name": "l", "query": ["a"], "key": {"z": "N"}, "offset": "-3..-1"},
        {"name": "m", "title": "M", "key": "/b/", "query_place": 0, "same": True, "sinks": True},
    ],
    "long": "window", "seed": 0, "strict": False, "batch_tokens": 100,
}  # fmt: skip


def places(part, path=()):
    """The path of every value."""
    keys = part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(part[key], (*path, key))


def changed(content, changes):
    """A copy with other values at some places; None as a key takes the value away."""
    content = json.loads(json.dumps(content))
    for path, value, taken in changes:
        with contextlib.suppress(LookupError, TypeError):  # an earlier change took it away
            part = content
            for key in path[:-1]:
                part = part[key]
            if taken:
                del part[path[-1]]
            else:
                part[path[-1]] = value
    return content


CHANGES = st.lists(
    st.tuples(st.sampled_from(list(places(WHOLE))), VALUES, st.booleans()), min_size=1, max_size=3
)


def refusal(ask) -> None:
    """Ask, and let the user's own errors pass, each in words."""
    try:
        ask()
    except InputError as error:
        assert error.problems  # noqa: PT017
        assert all(len(problem) > 10 for problem in error.problems)  # noqa: PT017


def test_what_is_changed_is_a_corpus_and_a_table_as_it_stands(tmp_path):
    (tmp_path / "a.txt").write_text("a line")
    (tmp_path / "a.csv").write_text("x,y,z\na,b,c\n")
    assert len(parse_config(WHOLE, tmp_path, "corpus").documents) == len(WHOLE["documents"])
    (tmp_path / "table.jsonl").write_text('{"text": "the cat", "topic": "pets", "pos": []}\n')
    read_table(tmp_path / "table.jsonl")


@settings(max_examples=CORPORA)
@given(CHANGES)
def test_a_mapping_with_other_values_is_a_config_or_refused(tmp_path_factory, changes):
    base = tmp_path_factory.getbasetemp()
    refusal(lambda: parse_config(changed(WHOLE, changes), base, "corpus"))


@settings(max_examples=CORPORA)
@given(CHANGES, st.integers(0, 2000), st.binary(max_size=4))
def test_a_file_with_other_values_or_bytes_is_a_config_or_refused(
    tmp_path_factory, changes, at, other
):
    stream = io.StringIO()
    with contextlib.suppress(Exception):  # a value that YAML cannot write
        YAML(typ="safe").dump(changed(WHOLE, changes), stream)
    raw = stream.getvalue().encode("utf-8", "surrogatepass")
    file = tmp_path_factory.mktemp("corpus") / "corpus.yaml"
    file.write_bytes(raw[:at] + other + raw[at + len(other) :])
    refusal(lambda: load_config(file))


# ---- tables

CELLS = VALUES | st.sampled_from(["the cat", [[0, 3, "DET"]], [{"start": 0, "end": 1}], ["a", "b"]])
ROWS = st.lists(st.dictionaries(st.sampled_from(["text", "topic", "pos", "id"]), CELLS), max_size=4)


def read_table(file: Path) -> None:
    entry = {"file": file.name, "labels": ["topic"], "token_labels": ["pos"]}
    mapping = {"models": [{"source": "owner/model"}], "documents": [entry]}
    config = parse_config(mapping, file.parent, "corpus")
    read_corpus(config.documents, config.label)


@settings(max_examples=TABLES)
@given(ROWS, st.integers(0, 300), st.binary(max_size=3))
@pytest.mark.parametrize("suffix", [".jsonl", ".json", ".csv", ".tsv"])
def test_tables_of_any_rows_and_bytes_are_read_or_refused(
    tmp_path_factory, suffix, rows, at, other
):
    between = "\t" if suffix == ".tsv" else ","
    if suffix.startswith(".json"):
        text = "\n".join(json.dumps(row) for row in rows)
    else:
        lines = [["text", "topic", "pos"], *([str(row.get(c, "")) for c in row] for row in rows)]
        text = "\n".join(between.join(line) for line in lines)
    raw = text.encode("utf-8", "surrogatepass")
    file = tmp_path_factory.mktemp("table") / f"table{suffix}"
    file.write_bytes(raw[:at] + other + raw[at + len(other) :])
    refusal(lambda: read_table(file))


@pytest.fixture(scope="module")
def parquet() -> bytes:
    rows = [{"text": "the cat", "topic": "pets", "pos": [{"start": 0, "end": 3, "label": "DET"}]}]
    sink = io.BytesIO()
    pyarrow.parquet.write_table(pa.Table.from_pylist(rows * 3), sink)
    return sink.getvalue()


@settings(max_examples=TABLES)
@given(st.lists(st.tuples(st.integers(0, 4000), st.binary(min_size=1, max_size=4)), max_size=3))
def test_parquet_with_other_bytes_is_read_or_refused(tmp_path_factory, parquet, changes):
    raw = bytearray(parquet)
    for at, other in changes:
        raw[at % len(raw) : at % len(raw) + len(other)] = other
    file = tmp_path_factory.mktemp("table") / "table.parquet"
    file.write_bytes(raw)
    refusal(lambda: read_table(file))
