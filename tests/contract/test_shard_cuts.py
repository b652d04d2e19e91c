"""A report reads the same however its shards are cut."""

import numpy as np
import pytest

import attnviz
from attnviz.format import shards
from attnviz.format.shards import read_shard
from attnviz.reader.check import check
from attnviz.writer import attention, attention_rows
from tests.fixtures.reports import build, tiny_corpus

# Queries and keys shared; sinks; a band, stored as attention.
FAMILIES = ["llama", "gpt_oss", "mistral"]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_report_reads_the_same_however_it_is_cut(
    tiny_model, tiny_report, tmp_path, monkeypatch, family
):
    coarse = attnviz.open_report(tiny_report(family))
    for module in (shards, attention_rows):
        monkeypatch.setattr(module, "TARGET", 400)
    for module in (shards, attention):
        monkeypatch.setattr(module, "SPLIT_ABOVE", 800)
    build(tiny_corpus(family, tiny_model(family)), tmp_path)
    fine = attnviz.open_report(tmp_path)
    assert len(fine.manifest.shards) > 4 * len(coarse.manifest.shards)
    tables = [
        read_shard(tmp_path, s) for s in fine.manifest.shards.values() if s.kind == "attention"
    ]
    assert max(max(table["start"].to_pylist()) for table in tables) > 0
    assert check(tmp_path) == []
    for document in fine.documents:
        assert document.tokens == coarse.documents[document.index].tokens
        for head in fine.manifest.models[0].heads:
            place = head.layer, head.head, document.index
            assert np.array_equal(fine.attention(*place), coarse.attention(*place))
