"""A manifest's paths stay inside the report's folder, lead to regular files, and to none
larger than it says."""

import hashlib
import os

import pytest

from attnviz.errors import ReportError
from attnviz.reader.check import check
from attnviz.reader.opening import read_manifest
from tests.fixtures.spoiled import change_manifest, copy_frozen, manifest_of, read_everything

LENGTHS = "lengths-llama4-text"


@pytest.fixture
def report(tmp_path):
    return copy_frozen(tmp_path / "report")


@pytest.fixture
def shard(report):
    """Where the lengths are."""
    return report / manifest_of(report)["shards"][LENGTHS]["path"]


def assert_faults(report, says):
    """Reader and check say it, and nothing else happens."""
    assert any(says in problem for problem in read_everything(report)), read_everything(report)
    assert any(says in fault for fault in check(report)), check(report)


@pytest.mark.parametrize("way", ["upwards", "upwards inside", "absolute", "backslash", "control"])
def test_paths_that_no_report_has(report, shard, way):
    outside = report.parent / "outside.arrow"
    outside.write_bytes(shard.read_bytes())
    path = {
        "upwards": "../outside.arrow",
        "upwards inside": f"data/../data/{shard.name}",
        "absolute": str(outside),
        "backslash": f"data\\{shard.name}",
        "control": "data/\x1b[31m.arrow",
    }[way]
    change_manifest(report, lambda manifest: manifest["shards"][LENGTHS].update(path=path))
    assert_faults(report, f"manifest.json: names a file {path!a}, which no report can have")


@pytest.mark.parametrize("of", ["file", "folder"])
def test_links_that_lead_out(report, shard, of):
    outside = report.parent / "outside"
    if of == "file":
        shard.rename(outside)
        shard.symlink_to(outside)
    else:
        (report / "data").rename(outside)
        (report / "data").symlink_to(outside)
    assert_faults(report, f"data/{shard.name}: is a link that leads out of the report's folder")


def test_a_link_in_a_circle(report, shard):
    shard.unlink()
    shard.symlink_to(shard.name)
    assert_faults(report, f"data/{shard.name}: is missing or cannot be read")


@pytest.mark.parametrize("kind", ["pipe", "folder"])
def test_what_is_no_file(report, shard, kind):
    shard.unlink()
    os.mkfifo(shard) if kind == "pipe" else shard.mkdir()
    assert_faults(report, f"data/{shard.name}: is ")


@pytest.mark.parametrize("name", ["manifest.json", "index.html"])
def test_a_pipe_in_place_of_a_page_or_the_manifest(report, name):
    (report / name).unlink(missing_ok=True)
    os.mkfifo(report / name)
    assert any(f"{name}: is no regular file" in fault for fault in check(report))


def test_a_manifest_that_is_a_link_out(report):
    outside = report.parent / "outside.json"
    (report / "manifest.json").rename(outside)
    (report / "manifest.json").symlink_to(outside)
    with pytest.raises(ReportError, match="leads out"):
        read_manifest(report)


def test_a_report_whose_folder_is_a_link_is_read(report):
    link = report.parent / "link"
    link.symlink_to(report)
    assert read_everything(link) == []


def test_a_file_larger_than_the_manifest_says(report, shard):
    content = shard.read_bytes()
    seal = {"sha256": hashlib.sha256(content).hexdigest(), "bytes": len(content) - 1}
    change_manifest(report, lambda manifest: manifest["shards"][LENGTHS].update(seal))
    assert_faults(report, f"where the manifest says {len(content) - 1}")


def test_a_file_larger_than_any_shard(report, shard):
    with shard.open("r+b") as file:
        file.truncate(10**12)
    change_manifest(report, lambda manifest: manifest["shards"][LENGTHS].update(bytes=10**12))
    assert_faults(report, "has 1000000000000 bytes; at most 8000000 are read")


@pytest.mark.parametrize("part", ["script", "style"])
def test_a_viewer_outside(report, part):
    change_manifest(report, lambda manifest: manifest["viewer"].update({part: "../../x.js"}))
    assert any("names a file '../../x.js'" in fault for fault in check(report))


def test_a_model_whose_pages_would_be_outside(report):
    change_manifest(report, lambda manifest: manifest["models"][0].update(name="../../.."))
    assert any("which no report can have" in fault for fault in check(report))


@pytest.mark.parametrize(
    ("page", "says"),
    [
        (b"<!doctype html><p>\xff\xfe</p></html>", "byte 18 is not UTF-8"),
        (b"<!doctype html><p>cut he", "does not end with </html>"),
        (b"<![if x]><a href='http://[x'></html>", "is damaged: its markup cannot be read"),
        (b"<a href='../../elsewhere'></html>", "links to ../../elsewhere, which is not there"),
    ],
)
def test_pages_that_are_not_whole(report, page, says):
    (report.parent / "elsewhere").mkdir()
    for name in ("index.html", "heads/llama4/L0H0.html"):
        (report / name).parent.mkdir(parents=True, exist_ok=True)
        (report / name).write_bytes(page)
    assert any(fault.startswith("index.html: ") and says in fault for fault in check(report))
