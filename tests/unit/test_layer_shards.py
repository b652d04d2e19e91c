"""A layer's attention put together from its batches: every row once and in order, of some kv heads
at a time."""

import numpy as np
import pyarrow as pa
import pytest

from attnviz.capture.result import Layer
from attnviz.format.columns import KEYS, QUERIES
from attnviz.format.shards import ShardFolder, read_shard
from attnviz.writer import layer_attention
from attnviz.writer.layer_attention import BatchShards, put_together

BATCHES = ((4, 1), (0, 3, 5), (2,))
"""Numbers in the corpus of the documents of each batch."""
HEADS, KV_HEADS, SIZE = 6, 3, 2
LENGTH = 7

LAYER = Layer(
    stack="decoder", layer=2, depth=3, query_axis="text", key_axis="text", calls=(), module="m",
    module_call=0, line="tracer", rule=0, sinks=None, bias=None, heads=HEADS, kv_heads=KV_HEADS,
    head_size=SIZE, numbers=tuple(range(HEADS)), vectors=True, reason=None,
)  # fmt: skip


def query_key(documents: int, rng: np.random.Generator) -> dict[str, list]:
    """Rows of queries of six heads and keys of the three that they share, document by document."""
    places = [
        (kv_head, document, side, head)
        for kv_head in range(KV_HEADS)
        for document in range(documents)
        for side, heads in ((QUERIES, (2 * kv_head, 2 * kv_head + 1)), (KEYS, (kv_head,)))
        for head in heads
    ]
    return {
        "side": [side for _, _, side, _ in places],
        "head": [head for *_, head in places],
        "document": [document for _, document, _, _ in places],
        "start": [0] * len(places),
        "rows": [LENGTH] * len(places),
        "codes": [rng.integers(-9, 9, LENGTH * SIZE).tolist() for _ in places],
        "scale": [None] * len(places),
        "lse": [[0.0] * LENGTH if side == QUERIES else None for _, _, side, _ in places],
        "mean": [None if side == QUERIES else [0.0] * SIZE for _, _, side, _ in places],
        "balance": [[1.0] * SIZE for _ in places],
    }


def dense(documents: int, rng: np.random.Generator) -> dict[str, list]:
    """Rows of attention of the first and the last head."""
    places = [(head, document) for head in (0, 5) for document in range(documents)]
    return {
        "head": [head for head, _ in places],
        "document": [document for _, document in places],
        "start": [0] * len(places),
        "rows": [LENGTH] * len(places),
        "codes": [rng.integers(0, 255, LENGTH * LENGTH).tolist() for _ in places],
        "mass": [None] * len(places),
    }


@pytest.fixture
def batches(tmp_path) -> list[BatchShards]:
    rng = np.random.default_rng(0)
    stored = []
    for number, documents in enumerate(BATCHES):
        shards = ShardFolder(tmp_path / str(number))
        kinds = {"query-key-int8": query_key, "dense-uint8": dense}
        for encoding, rows in kinds.items():
            shards.add(
                encoding, "attention", rows(len(documents), rng), encoding=encoding,
                kv_heads=(0, KV_HEADS), documents=(0, len(documents)), model="m", stack="decoder",
                layer=2,
            )  # fmt: skip
        stored.append(BatchShards(shards.folder, shards.shards, documents))
    return stored


def rows_of(folder, batches) -> dict[str, pa.Table]:
    """What is put together in a folder, by encoding, in the order of the shards' numbers."""
    shards = put_together.of(LAYER, batches, "m").make(folder)
    tables: dict[str, list[pa.Table]] = {}
    for name, shard in shards.items():
        of_encoding = tables.setdefault(shard.encoding, [])
        assert name == f"attention-m-decoder-L2-{shard.encoding}-{len(of_encoding)}"
        of_encoding.append(read_shard(folder, shard).replace_schema_metadata(None))
    return {name: pa.concat_tables(parts) for name, parts in tables.items()}


def test_rows_are_put_in_order_of_kv_head_and_document(tmp_path, batches):
    tables = rows_of(tmp_path / "all", batches)
    kv_heads = [kv_head for kv_head in range(KV_HEADS) for _ in range(6) for _ in range(3)]
    documents = [document for _ in range(KV_HEADS) for document in range(6) for _ in range(3)]
    heads = [
        head
        for kv_head in range(KV_HEADS)
        for _ in range(6)
        for head in (2 * kv_head, 2 * kv_head + 1, kv_head)
    ]
    of_vectors = tables["query-key-int8"]
    assert of_vectors["document"].to_pylist() == documents
    assert of_vectors["head"].to_pylist() == heads
    assert of_vectors["side"].to_pylist() == [QUERIES, QUERIES, KEYS] * (len(kv_heads) // 3)
    assert tables["dense-uint8"]["document"].to_pylist() == [0, 1, 2, 3, 4, 5] * 2
    # Document 3 is the second of the second batch.
    [shard] = [s for s in batches[1].shards.values() if s.encoding == "dense-uint8"]
    of_batch = read_shard(batches[1].folder, shard)
    assert tables["dense-uint8"]["codes"][3] == of_batch["codes"][1]


@pytest.mark.parametrize(("share", "together"), [(0.0, [1, 1, 1]), (0.7, [2, 1]), (1.0, [3])])
def test_no_more_kv_heads_are_held_at_a_time_than_fit(
    tmp_path, batches, monkeypatch, share, together
):
    expected = rows_of(tmp_path / "all", batches)
    entries = [batch.shards["query-key-int8"] for batch in batches]
    monkeypatch.setattr(layer_attention, "AT_ONCE", share * sum(entry.bytes for entry in entries))
    held: list[int] = []
    write = layer_attention.write_table

    def counted(table, encoding, *rest):
        if encoding == "query-key-int8":
            held.append(len(set(layer_attention.kv_heads_of(table, LAYER))))
        return write(table, encoding, *rest)

    monkeypatch.setattr(layer_attention, "write_table", counted)
    assert rows_of(tmp_path / "parts", batches) == expected
    assert held == together
