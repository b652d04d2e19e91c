"""Shards: cut to size, and named after their bytes."""

import hashlib

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.errors import ReportError
from attnviz.format.columns import QUERIES
from attnviz.format.shards import LARGEST, SPLIT_ABOVE, TARGET, ShardFolder, cut, read_shard
from attnviz.reader.decode import AttentionTable, gather


@given(st.lists(st.integers(1, 3 * TARGET), max_size=30))
def test_cuts_are_everything_once_in_order_and_to_size(sizes):
    ranges = list(cut(sizes))
    assert [row for first, end in ranges for row in range(first, end)] == list(range(len(sizes)))
    is_uncut = sum(sizes) <= SPLIT_ABOVE
    assert not is_uncut or len(ranges) == bool(sizes)
    for first, end in ranges:
        assert is_uncut or end - first == 1 or sum(sizes[first:end]) <= TARGET


def test_a_shard_is_named_after_its_bytes_and_read_back(tmp_path):
    folder = ShardFolder(tmp_path)
    columns = {"lo": [[0, 1], []], "hi": [[2, 3], []]}
    assert folder.add("mask-0", "mask", columns, model="m", rule=0, documents=(0, 2)) == "mask-0"
    entry = folder.shards["mask-0"]
    raw = (tmp_path / entry.path).read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    assert (entry.path, entry.sha256, entry.bytes) == (
        f"data/mask-0-{digest[:16]}.arrow",
        digest,
        len(raw),
    )
    assert (entry.rows, entry.kind, entry.documents) == (2, "mask", (0, 2))
    table = read_shard(tmp_path, entry)
    assert table.to_pydict() == columns
    assert table.schema.metadata[b"format_version"] == b"1"
    assert pa.ipc.open_file(pa.BufferReader(raw)).num_record_batches == 1


def test_a_shard_that_is_too_large_is_refused(tmp_path):
    columns = {"entry": [0], "group": [0], "title": [""], "text": ["x" * (LARGEST + 1)]}
    with pytest.raises(ReportError, match=r"8\.0 MB; the format allows 8 MB"):
        ShardFolder(tmp_path).add("documents-0", "documents", columns)


@pytest.mark.parametrize(
    ("starts", "says"),
    [
        ((0, 2), None),
        ((2, 0), None),
        ((0,), "2 rows of attention for 4"),
        ((0, 0), "row 0 of attention follows row 2"),
        ((2,), "row 2 of attention follows row 0"),
        ((0, 2, 4), "6 rows of attention for 4"),
    ],
)
def test_rows_follow_on_from_one_another(starts, says):
    tables = [
        AttentionTable(
            "dense", pa.table({"head": [0], "document": [5], "start": [start], "rows": [2]})
        )
        for start in starts
    ]
    if says:
        with pytest.raises(LookupError, match=f"head 0, document 5: {says}"):
            gather(tables, QUERIES, head=0, document=5, tokens=4)
    else:
        assert [row["start"] for row in gather(tables, QUERIES, head=0, document=5, tokens=4)] == [
            0,
            2,
        ]
