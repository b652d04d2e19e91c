"""`site.open`: a report's data as they are, as twins, or both; each kind is whole and the same to
Python, and nothing of another kind is left in its folder."""

from __future__ import annotations

import http.client
import threading
import zipfile
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

import attnviz
from attnviz.errors import ReportError
from attnviz.reader.check import inspect
from attnviz.serve import make_server
from tests.fixtures.reports import short_corpus


@pytest.fixture(scope="module")
def build(tmp_path_factory, tiny_model):
    """Builds the report that opens at a place, all with one cache."""
    cache = tmp_path_factory.mktemp("cache")

    def build_into(out: Path, place: str) -> Path:
        corpus = short_corpus("gpt2", tiny_model("gpt2")) | {"site": {"open": place}}
        return attnviz.build(corpus, out=out, cache=cache).folder

    return build_into


@pytest.fixture(scope="module")
def reports(build, tmp_path_factory):
    folder = tmp_path_factory.mktemp("reports")
    return {place: build(folder / place, place) for place in ("anywhere", "web", "file")}


def kinds(report: Path) -> dict[str, int]:
    """How many shards, twins and manifests there are."""
    paths = [path for path in report.rglob("*") if path.is_file()]
    return Counter(
        "twin" if name.endswith(".arrow.js") else "shard" if name.endswith(".arrow") else name
        for name in (path.name for path in paths)
        if name.endswith((".arrow", ".arrow.js")) or name.startswith("manifest.js")
    )


def test_each_kind_has_what_it_opens_by(reports):
    count = len(attnviz.open_report(reports["web"]).manifest.data)
    assert count > 5
    assert kinds(reports["web"]) == {"shard": count, "manifest.json": 1}
    assert kinds(reports["file"]) == {"twin": count, "manifest.json": 1, "manifest.js": 1}
    assert kinds(reports["anywhere"]) == kinds(reports["web"]) | kinds(reports["file"])


@pytest.mark.parametrize("place", ["anywhere", "web", "file"])
def test_each_kind_is_whole_and_has_the_same_numbers(reports, place):
    findings = inspect(reports[place])
    assert (findings.faults, findings.notes) == ([], [])
    report, other = (attnviz.open_report(reports[name]) for name in (place, "anywhere"))
    for head in range(4):
        assert np.array_equal(report.attention(1, head, 1), other.attention(1, head, 1))


def test_a_report_of_twins_alone_proves_them(build, tmp_path):
    report = build(tmp_path / "report", "file")
    twin, *_ = sorted(report.glob("data/attention-*.arrow.js"))
    content = twin.read_bytes()
    twin.write_bytes(content[:300] + bytes([content[300] ^ 1]) + content[301:])
    assert f"data/{twin.name}: is damaged" in "\n".join(inspect(report).faults)
    entry = attnviz.open_report(report).manifest.shards
    layer = next(e.layer for e in entry.values() if f"{e.path}.js" == f"data/{twin.name}")
    with pytest.raises(ReportError, match=f"{twin.name}: is damaged"):
        attnviz.open_report(report).attention(layer, 0, 0)
    twin.unlink()
    assert f"data/{twin.name}: is missing" in "\n".join(inspect(report).faults)


def test_a_report_for_the_web_has_no_twin(build, tmp_path):
    report = build(tmp_path / "report", "web")
    (report / "data" / "left-00.arrow.js").write_text("")
    assert "data/left-00.arrow.js: is not named in the manifest" in inspect(report).faults[0]


def test_built_again_for_another_place_nothing_is_left(build, reports, tmp_path):
    for place in ("anywhere", "web", "file", "anywhere"):
        assert kinds(build(tmp_path / "report", place)) == kinds(reports[place])


@pytest.mark.parametrize("place", ["web", "file"])
def test_it_is_published_to_a_folder_and_a_zip(attnviz_command, reports, tmp_path, place):
    for to in ("public", "sent.zip"):
        assert attnviz_command("publish", reports[place], "--to", tmp_path / to)[0] == 0
    shards = len(attnviz.open_report(reports[place]).manifest.data)
    assert kinds(tmp_path / "public") == {"shard": shards, "manifest.json": 1}
    with zipfile.ZipFile(tmp_path / "sent.zip") as archive:
        archive.extractall(tmp_path)
    assert kinds(tmp_path / "sent") == kinds(reports["file" if place == "file" else "anywhere"])
    assert inspect(tmp_path / "sent").faults == []


def test_the_local_server_unpacks_twins_that_stand_alone(reports):
    path = next(iter(attnviz.open_report(reports["web"]).manifest.shards.values())).path
    with make_server(reports["file"]) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        connection = http.client.HTTPConnection("127.0.0.1", server.server_port)
        connection.request("GET", f"/{path}")
        response = connection.getresponse()
        assert response.read() == (reports["web"] / path).read_bytes()
        assert response.getheader("Cross-Origin-Resource-Policy") == "same-origin"
        connection.request("GET", f"/{path}.js")
        assert connection.getresponse().status == 404
        server.shutdown()


def test_the_build_says_what_shows_the_report(attnviz_command, tiny_model, tmp_path):
    (tmp_path / "corpus.yaml").write_text(
        f"models: [{{source: {tiny_model('gpt2')}}}]\ndocuments: [{{text: [one two]}}]\n"
        "maps: {methods: []}\nsite: {open: web}\n"
    )
    _, out, err = attnviz_command("build", tmp_path / "corpus.yaml", "--out", tmp_path / "report")
    assert f"attnviz serve {tmp_path / 'report'} shows it" in out
    assert "twins" not in err


def test_llms_txt_tells_where_the_data_are(reports):
    said = {place: (report / "llms.txt").read_text("utf-8") for place, report in reports.items()}
    assert "- `data/*.arrow`: Arrow IPC" in said["web"]
    assert ".arrow.js" not in said["web"]
    assert "- `data/*.arrow.js`: heads with their statistics" in said["file"]
    assert "the same bytes once more" in said["anywhere"]
