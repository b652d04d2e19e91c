"""`attnviz publish` to a folder or a zip: what goes there, and what it never replaces."""

from __future__ import annotations

import json
import shutil
import xml.etree.ElementTree as ET
import zipfile
from pathlib import Path

import pytest

import attnviz
from attnviz.format.twins import is_twin
from attnviz.publish import sizes
from attnviz.reader.check import inspect
from attnviz.writer.sealing import seal
from tests.fixtures.hostile import TITLE
from tests.unit.site.page import Page

REPORT = Path(__file__).parents[1] / "fixtures" / "frozen" / "format-1"
ADDRESS = "https://example.org/some/project/"


def paths(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def test_a_published_folder_is_a_whole_report_without_twins(attnviz_command, tmp_path):
    code, out, err = attnviz_command("publish", REPORT, "--to", tmp_path / "public")
    assert (code, err) == (0, f"will write the report into {tmp_path / 'public'}\n")
    assert f"{tmp_path / 'public'}: the report for a web server" in out
    findings = inspect(tmp_path / "public")
    assert (findings.faults, findings.notes) == ([], [])
    there = paths(tmp_path / "public")
    assert {".nojekyll", "404.html", "robots.txt"} <= there
    assert not [path for path in there if path.endswith((".arrow.js", "manifest.js"))]
    before, after = (attnviz.open_report(folder) for folder in (REPORT, tmp_path / "public"))
    assert after.manifest.models == before.manifest.models
    assert after.manifest.shards == before.manifest.shards


def test_what_lies_beside_the_pages_is_published_as_it_is(attnviz_command, tmp_path):
    """What programs read, which is made anew and is the same, and what this attnviz knows not."""
    report = tmp_path / "report"
    attnviz_command("publish", REPORT, "--to", report)
    manifest = attnviz.open_report(report).manifest
    files = {path: (report / path).read_bytes() for path in manifest.files}
    for path, content in seal(manifest, {**files, "notes/first.txt": b"kept"}).items():
        (report / path).parent.mkdir(exist_ok=True)
        (report / path).write_bytes(content)
    code, _, _ = attnviz_command("publish", report, "--to", tmp_path / "public")
    assert code == 0
    public = tmp_path / "public"
    assert inspect(public).faults == []
    for path in ("llms.txt", "manifest.schema.json", "notes/first.txt"):
        assert (public / path).read_bytes() == (report / path).read_bytes()


def test_a_published_report_as_a_zip_has_nothing_of_the_web(attnviz_command, tmp_path):
    attnviz_command("publish", REPORT, "--to", tmp_path / "public")
    assert "offline.js" in attnviz.open_report(tmp_path / "public").manifest.files
    attnviz_command("publish", tmp_path / "public", "--to", tmp_path / "sent.zip")
    with zipfile.ZipFile(tmp_path / "sent.zip") as archive:
        names = {name.removeprefix("sent/") for name in archive.namelist()}
    assert not names & {"offline.js", "404.html", "robots.txt", "sitemap.xml"}


def test_an_address_is_in_every_page_the_sitemap_and_the_404_page(attnviz_command, tmp_path):
    out = tmp_path / "public"
    attnviz_command("publish", REPORT, "--to", out, "--base-url", ADDRESS.rstrip("/"))
    manifest = attnviz.open_report(out).manifest
    assert manifest.site.url == ADDRESS
    pages = ["index.html", "heads.html", *(p for p in paths(out) if p.startswith("heads/"))]
    canonical = {
        tag["href"]: path
        for path in pages
        for tag in Page((out / path).read_bytes()).all("link")
        if tag.get("rel") == "canonical"
    }
    assert set(canonical) == {ADDRESS, *(ADDRESS + path for path in pages[1:])}
    tree = ET.fromstring((out / "sitemap.xml").read_bytes())
    assert {place.text for place in tree.findall(".//{*}loc")} == set(canonical)
    assert f"Sitemap: {ADDRESS}sitemap.xml" in (out / "robots.txt").read_text()
    links = [tag["href"] for tag in Page((out / "404.html").read_bytes()).all("a")]
    assert links == [ADDRESS]


def test_without_an_address_nothing_names_one(attnviz_command, tmp_path):
    attnviz_command("publish", REPORT, "--to", tmp_path / "public")
    assert not (tmp_path / "public" / "sitemap.xml").exists()
    assert "Sitemap" not in (tmp_path / "public" / "robots.txt").read_text()
    assert Page((tmp_path / "public" / "404.html").read_bytes()).all("a") == []


def test_a_title_of_markup_stays_text(attnviz_command, hostile_report, tmp_path):
    attnviz_command(
        "publish", hostile_report, "--to", tmp_path / "p", "--base-url", f"{ADDRESS}&'/"
    )
    page = Page((tmp_path / "p" / "404.html").read_bytes())
    assert TITLE in page.text
    assert page.all("script") == page.all("img") == []
    tree = ET.fromstring((tmp_path / "p" / "sitemap.xml").read_bytes())
    assert tree.find(".//{*}loc").text == f"{ADDRESS}&'/"


def test_a_zip_is_a_whole_report_that_opens_by_double_click(attnviz_command, tmp_path):
    for name in ("one.zip", "two.zip"):
        code, _, _ = attnviz_command("publish", REPORT, "--to", tmp_path / name)
        assert code == 0
    with zipfile.ZipFile(tmp_path / "one.zip") as archive:
        archive.extractall(tmp_path)
    folder = tmp_path / "one"
    assert inspect(folder).faults == []
    manifest = (folder / "manifest.json").read_bytes()
    assert is_twin((folder / "manifest.js").read_bytes(), "manifest.json", manifest)
    shards = attnviz.open_report(folder).manifest.shards.values()
    assert {f"{shard.path}.js" for shard in shards} <= paths(folder)
    contents = []
    for name in ("one", "two"):
        with zipfile.ZipFile(tmp_path / f"{name}.zip") as archive:
            contents.append([archive.read(entry) for entry in archive.infolist()])
    assert contents[0] == contents[1]


def test_publishing_again_replaces_the_report_and_leaves_other_files(attnviz_command, tmp_path):
    out = tmp_path / "public"
    attnviz_command("publish", REPORT, "--to", out, "--base-url", ADDRESS)
    (out / "CNAME").write_text("example.org")
    code, _, _ = attnviz_command("publish", REPORT, "--to", out)
    assert code == 0
    assert (out / "CNAME").read_text() == "example.org"
    assert not (out / "sitemap.xml").exists()
    assert inspect(out).faults == []


def _foreign(tmp_path: Path) -> Path:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "index.html").write_text("mine")
    return tmp_path / "site"


def _built(tmp_path: Path) -> Path:
    folder = Path(shutil.copytree(REPORT, tmp_path / "built"))
    (folder / ".attnviz").touch()
    return folder


def _file(tmp_path: Path) -> Path:
    (tmp_path / "notes").write_text("mine")
    return tmp_path / "notes"


def _zip(tmp_path: Path) -> Path:
    with zipfile.ZipFile(tmp_path / "mine.zip", "w") as archive:
        archive.writestr("manifest.json", '{"name": "an extension"}')
    return tmp_path / "mine.zip"


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_foreign, "holds files that attnviz publish did not write"),
        (_built, "is a report that attnviz build wrote"),
        (_file, "is a file; expected a folder"),
        (_zip, "is there already, and no zip of a report"),
        (lambda tmp_path: REPORT, "the report itself is there"),
        (lambda tmp_path: REPORT.parent, "the report itself is there"),
        (lambda tmp_path: REPORT / "a.zip", "is inside the report"),
        (lambda tmp_path: tmp_path / "no" / "a.zip", "there is no folder"),
    ],
)
def test_what_is_no_publication_is_never_replaced(attnviz_command, tmp_path, make, words):
    place = make(tmp_path)
    before = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    code, _, err = attnviz_command("publish", REPORT, "--to", place)
    assert code == 2
    assert words in err
    after = {path: path.read_bytes() for path in tmp_path.rglob("*") if path.is_file()}
    assert after == before


@pytest.mark.parametrize(
    "address", ["example.org", "https://a.org/?q", "https://a.org/x.html", "https://a.org/<b>"]
)
def test_an_address_that_is_none_is_refused(attnviz_command, tmp_path, address):
    code, _, err = attnviz_command("publish", REPORT, "--to", tmp_path / "p", "--base-url", address)
    assert code == 2
    assert "expected" in err
    assert not (tmp_path / "p").exists()


def test_a_dry_run_writes_nothing(attnviz_command, tmp_path):
    code, out, _ = attnviz_command("publish", REPORT, "--to", tmp_path / "p", "--dry-run", "--json")
    assert code == 0
    assert json.loads(out)["done"] == f"would write the report into {tmp_path / 'p'}"
    assert not (tmp_path / "p").exists()


def test_a_damaged_report_is_not_published(attnviz_command, tmp_path):
    folder = Path(shutil.copytree(REPORT, tmp_path / "report"))
    shard = next((folder / "data").glob("map-*.arrow"))
    content = bytearray(shard.read_bytes())
    content[-9] ^= 1
    shard.write_bytes(content)
    for place in (tmp_path / "p", tmp_path / "p.zip"):
        code, _, err = attnviz_command("publish", folder, "--to", place)
        assert code == 2
        assert shard.name in err
        assert not place.exists()
    assert not list(tmp_path.glob(".*"))


def test_what_is_over_the_limits_of_a_host_is_said(attnviz_command, monkeypatch, tmp_path):
    monkeypatch.setattr(sizes, "SITE", 100_000)
    monkeypatch.setattr(sizes, "FILE", 40_000)
    code, _, err = attnviz_command("publish", REPORT, "--to", tmp_path / "p")
    assert code == 0
    assert "GitHub Pages serves sites of at most" in err
    assert "takes most of it: fewer" in err
    largest = max(paths(tmp_path / "p"), key=lambda path: (tmp_path / "p" / path).stat().st_size)
    assert f"{largest}: has" in err
