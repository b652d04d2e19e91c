"""`attnviz build --one-file`, and pages that are too large."""

from __future__ import annotations

import json
import warnings
from pathlib import Path

import pytest

import attnviz
from attnviz.errors import InputError
from attnviz.reader import one_page
from tests.fixtures.command import run_apart, write_corpus

FROZEN = Path(__file__).parents[1] / "fixtures" / "frozen" / "format-1"


def test_a_build_writes_one_page_and_says_its_size_before_and_after(tiny_model, tmp_path):
    corpus = write_corpus(tmp_path / "c.yaml", tiny_model("gpt2"), "the cat sat", "a dog ran")
    arguments = ("build", corpus, "--out", tmp_path / "out", "--cache", tmp_path / "cache")
    end = run_apart(*arguments, "--one-file")
    assert end.code == 0, end.err
    page = tmp_path / "out.html"
    size = page.stat().st_size
    assert f"one page: {page}, {size / 1e6:.1f} MB" in end.out
    before = next(line for line in end.err.splitlines() if line.startswith("one page: at most"))
    assert size <= float(before.split()[4]) * 1e6 + 100_000
    summary = json.loads(run_apart(*arguments, "--one-file", "--json", "--quiet").out)
    assert summary["one_file"] == {"path": str(page), "bytes": size}
    assert not list(tmp_path.glob("out/*.html.*"))


def test_a_page_too_large_is_said_with_what_takes_most_of_it(monkeypatch, tmp_path):
    report = attnviz.open_report(FROZEN)
    with warnings.catch_warnings(action="error"):
        report.to_html(tmp_path / "small.html")
    monkeypatch.setattr(one_page, "MAIL", 1000)
    by_kind = {shard.kind: 0 for shard in report.manifest.shards.values()}
    for shard in report.manifest.shards.values():
        by_kind[shard.kind] += shard.bytes
    most = max(by_kind, key=lambda kind: by_kind[kind])
    with pytest.warns(UserWarning, match=rf"as a zip, or publish it.*: {most}s? takes? most of it"):
        report.to_html(tmp_path / "large.html")


def test_a_head_or_model_that_is_not_there_is_named():
    report = attnviz.open_report(FROZEN)
    with pytest.raises(InputError, match="head: there is no L9H9; heads are called as L0H0 to"):
        report.to_html(head="L9H9")
    with pytest.raises(InputError, match="model: there is no other; the report has"):
        report.to_html(model="other")


def test_a_damaged_shard_is_refused(tmp_path):
    import shutil

    folder = Path(shutil.copytree(FROZEN, tmp_path / "report"))
    shard = next((folder / "data").glob("attention-*.arrow"))
    shard.write_bytes(shard.read_bytes()[:-1])
    with pytest.raises(attnviz.ReportError, match=f"{shard.name}: is damaged"):
        attnviz.open_report(folder).to_html()
