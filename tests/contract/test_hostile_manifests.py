"""Manifests that are no manifests: a ReportError that names the file, and nothing else."""

import copy
import json
import random
import shutil
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attnviz.errors import ReportError
from attnviz.format.seal import sha256
from attnviz.reader.opening import read_manifest
from tests.fixtures.spoiled import FROZEN, manifest_of

EXAMPLES = 300
REAL = manifest_of(FROZEN)
TABLED = FROZEN.parents[1] / "golden" / "cross"
WITH_TABLES = json.loads((TABLED / "manifest.json").read_bytes())


@pytest.mark.parametrize(
    "content",
    [
        b"[" * 200_000,
        b'{"format": "attnviz-report", "format_version": 1, "a": ' + b'{"a":' * 200_000,
        b"\xff\xfe{}",
        b'{"format": ' + b"9" * 10_000 + b"}",
        json.dumps(REAL).replace('"max_error": ', '"max_error": NaN, "x": ', 1).encode(),
    ],
    ids=["lists", "objects", "bytes", "digits", "no number"],
)
def test_what_is_no_json_here(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(ReportError, match=r"manifest\.json: cannot be read as JSON"):
        read_manifest(tmp_path)


def test_a_number_beyond_all_numbers(tmp_path):
    content = copy.deepcopy(REAL)
    content["fidelity"]["max_error"] = 0.123454321
    text = json.dumps(content).replace("0.123454321", "1e999")
    (tmp_path / "manifest.json").write_text(text)
    with pytest.raises(ReportError, match="1e999 is no finite number"):
        read_manifest(tmp_path)


def places(part, path=()):
    """The path of every value of a manifest."""
    keys = part if isinstance(part, dict) else range(len(part)) if isinstance(part, list) else ()
    for key in keys:
        yield (*path, key)
        yield from places(part[key], (*path, key))


WRONG = st.sampled_from(
    [None, True, -1, 10**400, 1e308, "", "\0", "\ud800", "x" * 5000, [], [[]], {}, {"a": {}}]
)


def changed(manifest, changes):
    content = copy.deepcopy(manifest)
    for path, value in changes:
        with suppress(LookupError, TypeError):  # an earlier change took the place away
            part = content
            for key in path[:-1]:
                part = part[key]
            part[path[-1]] = value
    return content


@settings(max_examples=EXAMPLES)
@given(st.lists(st.tuples(st.sampled_from(list(places(REAL))), WRONG), min_size=1, max_size=3))
def test_values_of_other_types_and_sizes(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("report")
    (folder / "manifest.json").write_text(json.dumps(changed(REAL, changes)))
    try:
        read_manifest(folder)
    except ReportError as error:
        assert all("manifest.json: " in problem for problem in error.problems)  # noqa: PT017


@settings(max_examples=EXAMPLES)
@given(
    st.lists(st.tuples(st.sampled_from(list(places(WITH_TABLES))), WRONG), min_size=1, max_size=3)
)
def test_values_of_a_manifest_with_tables(tmp_path_factory, changes):
    folder = tmp_path_factory.mktemp("report")
    (folder / "data").symlink_to(TABLED / "data")
    (folder / "manifest.json").write_text(json.dumps(changed(WITH_TABLES, changes)))
    with suppress(ReportError):
        read_manifest(folder)


@pytest.mark.parametrize("seed", range(12))
def test_tables_with_bytes_that_are_none_of_theirs(tmp_path, seed):
    rng = random.Random(seed)
    for name, entry in WITH_TABLES["tables"].items():
        folder = tmp_path / name
        shutil.copytree(TABLED, folder)
        content = bytearray((folder / entry["path"]).read_bytes())
        for _ in range(1 + seed):
            content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)
        (folder / entry["path"]).write_bytes(content)
        manifest = copy.deepcopy(WITH_TABLES)
        manifest["tables"][name]["sha256"] = sha256(bytes(content))
        (folder / "manifest.json").write_text(json.dumps(manifest))
        with suppress(ReportError):
            read_manifest(folder)
