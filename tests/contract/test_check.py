"""`attnviz check` finds what is wrong with a report, names the file, and exits with 1; the reader
refuses only that."""

import base64
import gzip
import hashlib
import json
import re
import shutil
import tracemalloc

import numpy as np
import pyarrow as pa
import pytest

import attnviz
from attnviz.errors import ReportError
from attnviz.reader.check import check
from tests.fixtures.spoiled import FROZEN, manifest_of, seal_manifest
from tests.fixtures.spoiled import write_manifest as write_as_format_1


@pytest.fixture
def report(tiny_report, tmp_path):
    """A copy of a small report, to spoil."""
    folder = tmp_path / "report"
    shutil.copytree(tiny_report("llama"), folder)
    return folder


@pytest.fixture
def faults(attnviz_command, report):
    """`faults()`: what the check says of the copy, which must be something."""

    def run():
        code, out, err = attnviz_command("check", report)
        assert (code, "Traceback" in err) == (1, False), out + err
        assert f"{len(err.splitlines())} faults" in out
        return err

    return run


def manifest(folder):
    return manifest_of(folder)


def write_manifest(folder, content):
    """Write a manifest of format 1 and its twin, and let index.html name it."""
    raw = write_as_format_1(folder, content)
    (folder / "manifest.js").write_text(
        f'attnvizShard("manifest.json","{base64.b64encode(raw).decode()}")\n'
    )


def attention_shard(folder):
    """The id and path of a shard with the attention of layer 1."""
    shards = manifest(folder)["shards"].items()
    return next(
        (name, s["path"]) for name, s in shards if s["kind"] == "attention" and s["layer"] == 1
    )


def replace_shard(folder, name, change):
    """Change a shard's table, and everything that the manifest says of the file."""
    content = manifest(folder)
    entry = content["shards"][name]
    old = folder / entry["path"]
    table = change(pa.ipc.open_file(old).read_all())
    with pa.OSFile(str(old), "wb") as sink, pa.ipc.new_file(sink, table.schema) as writer:
        writer.write_table(table)
    raw = old.read_bytes()
    entry |= {"sha256": hashlib.sha256(raw).hexdigest(), "bytes": len(raw), "rows": table.num_rows}
    twin = f'attnvizShard("{entry["path"]}","{base64.b64encode(raw).decode()}")\n'
    (folder / f"{entry['path']}.js").write_text(twin)
    write_manifest(folder, content)
    return entry["path"]


def name_file(folder, path):
    """Let the manifest have the hash of a file that was changed."""
    raw, content = (folder / path).read_bytes(), manifest(folder)
    content["files"][path] = {"bytes": len(raw), "sha256": hashlib.sha256(raw).hexdigest()}
    write_manifest(folder, content)


def every_file(folder):
    """The paths of a report's files; the marker of a build is none."""
    paths = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return sorted(path for path in paths if path != ".attnviz")


def test_a_whole_report_has_no_faults(attnviz_command, report):
    assert attnviz_command("check", report) == (0, f"{report}: whole\n", "")
    assert attnviz_command("check", report, "--quiet") == (0, "", "")
    assert json.loads(attnviz_command("check", report, "--json")[1]) == {
        "report": str(report),
        "faults": [],
        "notes": [],
    }


def test_the_quickstart_is_whole(attnviz_command, quickstart_report):
    assert attnviz_command("check", quickstart_report)[0] == 0


@pytest.mark.parametrize("where", [0, 0.3, 0.6, 1])
def test_a_flipped_bit(report, faults, where):
    _, path = attention_shard(report)
    raw = bytearray((report / path).read_bytes())
    raw[round(where * (len(raw) - 1))] ^= 4
    (report / path).write_bytes(raw)
    assert f"{path}: is damaged: its bytes are not those of the manifest's SHA-256" in faults()


def test_a_flipped_bit_in_any_file_is_named(report):
    for path in every_file(report):
        raw = (report / path).read_bytes()
        for place in {0, len(raw) // 3, len(raw) - 1} if raw else ():
            flipped = bytearray(raw)
            flipped[place] ^= 4
            (report / path).write_bytes(flipped)
            assert any(path in fault for fault in check(report)), (path, place)
        (report / path).write_bytes(raw)
    assert check(report) == []


def test_a_manifest_and_an_index_html_of_two_builds(report, tiny_report, faults):
    shutil.copy(tiny_report("gpt2") / "index.html", report)
    assert "manifest.json: is not the manifest that index.html names" in faults()
    with pytest.raises(ReportError, match="that index"):
        attnviz.open_report(report)


@pytest.mark.parametrize("path", ["heads/llama/L9H9.html", "assets/x.js", "data/more/x.arrow"])
def test_a_file_that_is_not_named_where_all_are_the_report_s(report, faults, path):
    (report / path).parent.mkdir(exist_ok=True)
    (report / path).write_text("x")
    named = "data/more/" if path.startswith("data") else path
    assert f"{named}: is not named in the manifest" in faults()


def test_a_file_beside_the_report_is_named_and_no_fault(attnviz_command, report):
    (report / ".git" / "objects").mkdir(parents=True)
    for path in ("CNAME", ".git/objects/a", f"data/.x.arrow.{'0' * 32}"):
        (report / path).write_text("x")
    assert attnviz_command("check", report) == (
        0,
        "note: .git/: is not part of the report\n"
        "note: CNAME: is not part of the report\n"
        f"note: data/.x.arrow.{'0' * 32}: was left by a build that was ended; the next build"
        f" removes it\n{report}: whole\n",
        "",
    )


def test_what_a_report_of_an_earlier_attnviz_cannot_prove_is_said(report, attnviz_command):
    content = manifest(report)
    del content["files"]
    write_manifest(report, content)
    for path in report.glob("assets/part-*"):
        path.unlink()  # which no earlier one wrote
    page = (report / "index.html").read_text("utf-8")
    (report / "index.html").write_text(re.sub(' data-manifest="[0-9a-f]+"', "", page), "utf-8")
    code, out, err = attnviz_command("check", report)
    assert (code, err) == (0, "")
    assert "note: manifest.json: has no hashes of pages" in out
    assert attnviz.open_report(FROZEN).manifest.files == {}


@pytest.mark.parametrize("left", [0, 1, 1000])
def test_a_truncated_shard(report, faults, left):
    _, path = attention_shard(report)
    raw = (report / path).read_bytes()
    (report / path).write_bytes(raw[:left])
    assert f"{path}: is damaged: it has {left} bytes where the manifest says {len(raw)}" in faults()


def test_a_missing_shard(report, faults):
    _, path = attention_shard(report)
    (report / path).unlink()
    assert f"{path}: is missing" in faults()


def test_only_what_is_damaged_is_lost(report):
    name, path = attention_shard(report)
    (report / path).unlink()
    opened = attnviz.open_report(report)
    head = next(head for head in opened.manifest.models[0].heads if head.layer == 1)
    encoding = manifest(report)["shards"][name]["encoding"]
    lost = next(d.index for d in opened.documents if head.encodings[d.group] == encoding)
    with pytest.raises(ReportError, match=path):
        opened.attention(1, 0, lost)
    assert np.isfinite(opened.attention(0, 0, 0)).all()


def test_a_future_version_of_the_manifest(report, faults):
    write_manifest(report, manifest(report) | {"format_version": 3})
    errors = faults()
    assert "manifest.json: is of format version 3; this attnviz reads 1 and 2" in errors
    with pytest.raises(ReportError, match="format version 3"):
        attnviz.open_report(report)


def test_a_future_version_of_a_shard(report, faults):
    name, _ = attention_shard(report)

    def change(table):
        return table.replace_schema_metadata(table.schema.metadata | {b"format_version": b"2"})

    path = replace_shard(report, name, change)
    assert f"{path}: is of format version 2; this attnviz reads 1" in faults()


def test_a_shard_with_other_columns(report, faults):
    name, _ = attention_shard(report)
    path = replace_shard(report, name, lambda table: table.drop_columns(["codes"]))
    assert f"{path}: its columns are " in faults()


def test_a_shard_that_is_another(report, faults):
    name, _ = attention_shard(report)
    path = replace_shard(
        report, name, lambda table: table.replace_schema_metadata({b"format": b"other"})
    )
    assert f"{path}: is not the attention shard that the manifest says it is" in faults()


def test_attention_that_is_not_there(report, faults):
    name, _ = attention_shard(report)
    replace_shard(report, name, lambda table: table.slice(1))
    errors = faults()
    assert "llama L1H" in errors
    assert "rows of attention for" in errors


def test_a_shard_that_no_one_lists(report, faults):
    content = manifest(report)
    gone = content["models"][0]["overview"]["shard"]
    del content["shards"][gone]
    write_manifest(report, content)
    assert gone in faults()


@pytest.mark.parametrize("of", ["manifest", "shard"])
def test_a_missing_twin(report, faults, of):
    path = "manifest.js" if of == "manifest" else f"{attention_shard(report)[1]}.js"
    (report / path).unlink()
    assert f"{path}: is missing, so the report does not open by double-click" in faults()


def test_a_twin_of_something_else(report, faults):
    for path in ("manifest.js", f"{attention_shard(report)[1]}.js"):
        (report / path).write_text('attnvizShard("x","AAAA")\n')
    errors = faults()
    assert f"{attention_shard(report)[1]}.js: does not hold the bytes of" in errors
    assert "manifest.js: does not hold the bytes of manifest.json" in errors


def test_a_twin_is_unpacked_no_further_than_the_file_goes(report, faults):
    path = attention_shard(report)[1]
    bomb = base64.b64encode(gzip.compress(bytes(100_000_000))).decode()
    (report / f"{path}.js").write_text(f'attnvizShard("{path}","{bomb}","gzip")\n')
    tracemalloc.start()
    errors = faults()
    assert tracemalloc.get_traced_memory()[1] < 20_000_000
    tracemalloc.stop()
    assert f"{path}.js: does not hold the bytes of" in errors


def test_a_report_for_a_web_host_needs_no_twins(attnviz_command, report):
    for twin in (report / "manifest.js", *report.glob("data/*.js")):
        twin.unlink()
    assert attnviz_command("check", report)[0] == 0


@pytest.mark.parametrize(
    "path", ["index.html", "heads/llama/L1H2.html", "assets/boot.js", ".nojekyll", "viewer"]
)
def test_a_missing_page(report, faults, path):
    path = manifest(report)["viewer"]["script"] if path == "viewer" else path
    (report / path).unlink()
    assert f"{path}: is missing" in faults()


def test_a_page_that_leads_nowhere_or_lets_anything_in(report, faults):
    page = report / "heads" / "llama" / "L0H1.html"
    text = page.read_text("utf-8")
    page.write_text(
        text.replace("L0H0.html", "L9H9.html").replace("Content-Security-Policy", "X-Nothing"),
        "utf-8",
    )
    name_file(report, "heads/llama/L0H1.html")
    errors = faults()
    assert "heads/llama/L0H1.html: links to L9H9.html, which is not there" in errors
    assert "heads/llama/L0H1.html: has no content security policy" in errors


def test_a_viewer_that_was_changed(report, faults):
    script = manifest(report)["viewer"]["script"]
    (report / script).write_text("alert(1)")
    name_file(report, script)
    assert f"{script}: its bytes are not those its name says" in faults()


@pytest.mark.parametrize("figure", ["total_variation", "max_error"])
def test_a_certificate_over_the_bound(report, faults, figure):
    content = manifest(report)
    content["models"][0]["heads"][5]["certificate"][figure] = content["fidelity"][figure] * 1.01
    write_manifest(report, content)
    errors = faults()
    assert "manifest.json: llama L1H1: its certificate" in errors
    assert errors.count("over the report's bound") == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "cannot be read as JSON"),
        (b"[]", "is not the manifest"),
        (b'{"format": "attnviz-report"}', "version"),
    ],
)
def test_a_manifest_that_is_none(report, faults, content, message):
    (report / "manifest.json").write_bytes(content)
    seal_manifest(report)
    errors = faults()
    assert "manifest.json" in errors
    assert message in errors


def test_a_manifest_with_a_key_too_few(report, faults):
    content = manifest(report)
    del content["models"][0]["heads"][0]["certificate"]
    write_manifest(report, content)
    assert "manifest.json: models.0.heads.0.certificate" in faults()


def test_no_report_at_all(attnviz_command, tmp_path):
    code, _, err = attnviz_command("check", tmp_path / "none")
    assert (code, err) == (2, f"error: {tmp_path / 'none'}: there is no such folder\n")
    code, _, err = attnviz_command("check", tmp_path)
    assert code == 1
    assert "there is no report here" in err


def test_faults_for_machines(attnviz_command, report):
    _, path = attention_shard(report)
    (report / path).unlink()
    code, out, _ = attnviz_command("check", report, "--json")
    (fault,) = [fault for fault in json.loads(out)["faults"] if fault.startswith(f"{path}:")]
    assert (code, out.count("\n")) == (1, 1)
    assert "missing" in fault
