"""A corpus that asks for no maps."""

import pytest

import attnviz
from attnviz.errors import InputError
from attnviz.reader.check import check
from tests.fixtures.reports import build, short_corpus


def test_a_report_without_maps_is_whole_and_says_that_it_has_none(tiny_model, tmp_path):
    corpus = short_corpus("gpt2", tiny_model("gpt2"), maps={"methods": []})
    build(corpus, tmp_path / "report")
    report = attnviz.open_report(tmp_path / "report")
    (model,) = report.manifest.models
    assert (model.maps, model.overview.map) == ([], "")
    assert all(head.maps == {} for head in model.heads)
    assert not [shard for shard in report.manifest.shards.values() if shard.kind == "map"]
    with pytest.raises(InputError, match="map"):
        report.map(0, 0)
    assert report.attention(1, 2, 1).shape == (11, 11)
    assert check(report.folder) == []
