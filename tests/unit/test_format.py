"""The format's declaration: every part and column says what it means, and files follow it."""

import json
from pathlib import Path

import pytest

from attnviz.format.columns import ENCODINGS, KINDS, schema_of
from attnviz.format.manifest import Manifest, MaskEntry, NoticeEntry, Shard
from attnviz.format.shards import read_shard

GOLDEN = sorted((Path(__file__).parents[1] / "fixtures" / "golden").glob("*/manifest.json"))


def test_every_part_of_the_manifest_and_every_key_has_a_meaning():
    schema = Manifest.model_json_schema()
    parts = {"Manifest": schema} | schema["$defs"]
    assert [name for name, part in parts.items() if not part.get("description")] == []
    assert [
        f"{name}.{key}"
        for name, part in parts.items()
        for key, field in part["properties"].items()
        if not field.get("description")
    ] == []


def test_every_column_has_a_meaning():
    tables = KINDS | ENCODINGS
    assert [
        f"{kind}.{column.name}"
        for kind, table in tables.items()
        for column in table.columns
        if not column.meaning
    ] == []


def test_keys_without_a_value_are_left_out_of_shards_masks_and_notices():
    shard = Shard(path="data/a.arrow", bytes=1, sha256="0", rows=0, kind="lengths", axis="text")
    assert "stack" not in shard.model_dump(mode="json")
    assert MaskEntry(kind="full").model_dump(mode="json") == {"kind": "full"}
    assert NoticeEntry(kind="window", message="cut").model_dump() == {
        "kind": "window",
        "message": "cut",
    }


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_a_manifest_is_written_as_it_was_read(path):
    assert Manifest.model_validate_json(path.read_bytes()).to_bytes() == path.read_bytes()


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_shards_have_the_declared_columns_and_their_entries_the_declared_keys(path):
    for name, entry in json.loads(path.read_bytes())["shards"].items():
        shard = Shard.model_validate(entry)
        table = read_shard(path.parent, shard)
        assert table.schema.remove_metadata() == schema_of(
            shard.kind, shard.encoding, table.column_names
        ), name
        declared = (ENCODINGS[shard.encoding] if shard.encoding else KINDS[shard.kind]).keys
        assert set(entry) - {"path", "bytes", "sha256", "rows", "kind"} == set(declared), name
