"""Shards whose hashes are right and whose contents are not: every fault is a ReportError that names
the file, in a process of its own, since a reader that trusts them may crash."""

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest

from attnviz.reader.check import check
from tests.fixtures.spoiled import (
    FROZEN,
    change_manifest,
    change_shard,
    copy_frozen,
    patch,
    read_everything,
    table_content,
)

ROOT = Path(__file__).parents[2]
DENSE = "attention-llama4-encoder-L0-dense-uint8-0"
QUERY_KEY = "attention-llama4-encoder-L0-query-key-int8-0"
TOKENS = "tokens-llama4-text-0"
LENGTHS = "lengths-llama4-text"
FAR = (2**30).to_bytes(4, "little")
NEGATIVE = (-(2**30)).to_bytes(4, "little", signed=True)


@pytest.fixture
def report(tmp_path):
    return copy_frozen(tmp_path / "report")


def read_apart(folder):
    """What a process of its own says that reads everything."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fixtures.spoiled", folder],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'generator'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (0, False), ended.stderr
    return ended.stdout


def check_apart(folder):
    """What `attnviz check` says in a process of its own."""
    ended = subprocess.run(
        [sys.executable, "-m", "attnviz.cli", "check", folder, "--json"],
        env=os.environ | {"PYTHONPATH": str(ROOT / "generator")},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert (ended.returncode, "Traceback" in ended.stderr) == (1, False), ended.stderr
    return json.loads(ended.stdout)["faults"]


def test_the_frozen_report_reads_without_a_fault():
    assert read_everything(FROZEN) == []


@pytest.mark.parametrize(
    ("shard", "column", "buffer", "offset", "value"),
    [
        pytest.param(DENSE, "codes", 1, 4, FAR, id="codes end far away"),
        pytest.param(DENSE, "codes", 1, 4, NEGATIVE, id="codes end before they begin"),
        pytest.param(QUERY_KEY, "codes", 1, 0, NEGATIVE, id="codes begin before the buffer"),
        pytest.param(QUERY_KEY, "balance", 1, 8, FAR, id="balance ends far away"),
        pytest.param(TOKENS, "text", 1, 8, FAR, id="a token ends far away"),
        pytest.param(TOKENS, "text", 1, 8, NEGATIVE, id="a token ends before it begins"),
        pytest.param(TOKENS, "text", 2, 0, b"\xff", id="a token is not UTF-8"),
    ],
)
def test_what_arrow_does_not_check_unasked(report, shard, column, buffer, offset, value):
    path = change_shard(
        report, shard, lambda content: patch(content, column, buffer, offset, value)
    )
    assert f"{path}: is damaged: " in read_apart(report)
    assert any(fault.startswith(f"{path}: is damaged: ") for fault in check_apart(report))


def replaced(column, values):
    """A change of a shard that gives a column other values."""

    def change(content):
        table = pa.ipc.open_file(content).read_all()
        place = table.schema.get_field_index(column)
        field = table.schema.field(column)
        return table_content(table.set_column(place, field, pa.array(values(table), field.type)))

    return change


@pytest.mark.parametrize(
    ("shard", "column", "values", "says"),
    [
        (LENGTHS, "length", lambda t: [None] * t.num_rows, "has no length in row 0"),
        (DENSE, "codes", lambda t: [[None]] * t.num_rows, "has no value in a list of codes"),
        (DENSE, "codes", lambda t: [[1]] * t.num_rows, ""),
        (DENSE, "rows", lambda t: [2**32 - 1] * t.num_rows, "rows of attention for"),
        (QUERY_KEY, "codes", lambda t: [[1, 2, 3]] * t.num_rows, ""),
        (QUERY_KEY, "scale", lambda t: [[]] * t.num_rows, ""),
        (QUERY_KEY, "lse", lambda t: [None] * t.num_rows, ""),
        (QUERY_KEY, "mean", lambda t: [None] * t.num_rows, ""),
        (QUERY_KEY, "balance", lambda t: [[1.0]] * t.num_rows, ""),
        (LENGTHS, "length", lambda t: [2**31] * t.num_rows, "tokens"),
        ("documents-0", "group", lambda t: [999] * t.num_rows, ""),
        ("sample-llama4-text", "token", lambda t: [2**32 - 1] * t.num_rows, ""),
        ("mask-llama4-0-0", "hi", lambda t: [[2**32 - 1]] * t.num_rows, ""),
        ("bias-beit-0", "values", lambda t: [[1.0]] * t.num_rows, ""),
        ("bias-beit-0", "head", lambda t: [99] * t.num_rows, ""),
    ],
)
def test_values_that_do_not_fit(report, shard, column, values, says):
    path = change_shard(report, shard, replaced(column, values))
    problems = read_everything(report)
    assert problems
    assert all(path in problem and says in problem for problem in problems), problems


def test_columns_rows_and_batches_that_do_not_fit(report):
    def without(content):
        return table_content(pa.ipc.open_file(content).read_all().drop_columns(["length"]))

    path = change_shard(report, LENGTHS, without)
    assert any(f"{path}: its columns are " in problem for problem in read_everything(report))


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_a_shard_that_unpacks_to_more_than_it_is(report, codec):
    def bomb(content):
        schema = pa.ipc.open_file(content).read_all().schema
        lengths = pa.array(np.zeros(50_000_000, np.uint32))  # 200 MB
        sink = pa.BufferOutputStream()
        options = pa.ipc.IpcWriteOptions(compression=codec)
        with pa.ipc.new_file(sink, schema, options=options) as writer:
            writer.write_table(pa.table([lengths], schema=schema))
        return bytes(sink.getvalue())

    path = change_shard(report, LENGTHS, bomb)
    assert (report / path).stat().st_size < 2_000_000
    before = pa.total_allocated_bytes()
    assert f"{path}: is compressed, which no shard is; build the report again" in check(report)
    assert f"{path}: is compressed" in str(read_everything(report))
    assert pa.total_allocated_bytes() <= before


def test_a_number_of_rows_that_is_not_so(report):
    change_manifest(report, lambda manifest: manifest["shards"][LENGTHS].update(rows=999))
    assert any("the manifest says 999" in problem for problem in read_everything(report))


@pytest.mark.parametrize("content", [b"", b"ARROW1", b"ARROW1\0\0" + b"\xff" * 100 + b"ARROW1"])
def test_what_is_no_arrow_file(report, content):
    path = change_shard(report, LENGTHS, lambda _: content)
    assert any(f"{path}: is no Arrow file" in problem for problem in read_everything(report))
    assert any(f"{path}: is no Arrow file" in fault for fault in check(report))


SHARDS, REPORTS = 1000, 40
"""Examples of the fuzz in each run."""


def test_shards_changed_at_random_crash_nothing(tmp_path):
    ended = subprocess.run(
        [sys.executable, "-m", "tests.fixtures.fuzzed", str(SHARDS), str(REPORTS), tmp_path],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'generator'}"},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    assert ended.returncode == 0, ended.stderr[-3000:]
    refused = json.loads(ended.stdout)
    assert refused["shards"] > SHARDS / 10
    assert refused["reports"] > 0
