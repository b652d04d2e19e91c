"""The format's declaration: every part and column says what it means, and files follow it."""

from pathlib import Path

import pytest

from attnviz.format.columns import ENCODINGS, KINDS, schema_of
from attnviz.format.index import join, split
from attnviz.format.manifest import Manifest, MaskEntry, NoticeEntry, Shard
from attnviz.format.shards import read_shard
from attnviz.format.tables import read_table
from attnviz.reader.opening import read_manifest
from tests.fixtures.spoiled import FROZEN

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
    manifest = read_manifest(path.parent)
    written = split(manifest)
    assert written.manifest == path.read_bytes()
    assert sorted(written.tables) == sorted(entry.path for entry in manifest.tables.values())
    for name, content in written.tables.items():
        assert content == (path.parent / name).read_bytes(), name


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_lists_of_shards_are_not_in_the_manifest_and_there_when_it_is_read(path):
    lists = [
        ids
        for model in read_manifest(path.parent).models
        for ids in (
            *(axis.shards for axis in model.axes),
            *(module.values.shards for module in model.captures if module.values),
        )
    ]
    assert lists
    assert all(lists)
    written = path.read_text("utf-8")
    assert not [name for ids in lists for name in ids if f'"{name}"' in written]


def test_many_notices_are_not_in_the_manifest_and_there_when_it_is_read():
    manifest = read_manifest(GOLDEN[0].parent)
    notices = [
        NoticeEntry(
            kind="window",
            message=f"document {number} was cut",
            document=number,
            figures={"tokens": 10_000_001 + number, "share": number / 3},
        )
        for number in range(10_000)
    ] + [NoticeEntry(kind="weights", message="none", model="m")]
    written = split(manifest.model_copy(update={"notices": notices}))
    assert len(written.manifest) < 20_000
    tables = written.tables
    read = join(
        Manifest.model_validate_json(written.manifest),
        lambda shard: read_table(tables.get(shard.path) or read_golden(shard), shard),
    )
    assert read.notices == notices
    assert {type(notice.figures["tokens"]) for notice in read.notices[:-1]} == {int}


def read_golden(shard):
    return (GOLDEN[0].parent / shard.path).read_bytes()


def test_a_manifest_of_format_1_stays_of_format_1_in_one_file():
    manifest = read_manifest(FROZEN)
    written = split(manifest)
    assert Manifest.model_validate_json(written.manifest) == manifest
    assert (manifest.format_version, manifest.tables, written.tables) == (1, {}, {})


@pytest.mark.parametrize("path", GOLDEN, ids=lambda path: path.parent.name)
def test_shards_have_the_declared_columns_and_their_entries_the_declared_keys(path):
    for name, shard in read_manifest(path.parent).shards.items():
        entry = shard.model_dump(mode="json")
        table = read_shard(path.parent, shard)
        assert table.schema.remove_metadata() == schema_of(
            shard.kind, shard.encoding, table.column_names
        ), name
        declared = (ENCODINGS[shard.encoding] if shard.encoding else KINDS[shard.kind]).keys
        assert set(entry) - {"path", "bytes", "sha256", "rows", "kind", "content"} == set(
            declared
        ), name
