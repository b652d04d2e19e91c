"""The page on a billion tokens counts the jobs that a build has."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

import attnviz
from tests.fixtures.command import write_corpus
from tests.fixtures.models import sentences
from tests.fixtures.text_models import save_gpt2

DOCS = Path(__file__).parents[2] / "docs"
RECORDS = {"content", "report", "last-maps"}
"""What is kept beside the results of steps."""


def test_a_build_has_as_many_jobs_as_are_counted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(DOCS), *sys.path])
    from generators.scale import jobs

    corpus = write_corpus(
        tmp_path / "corpus.yaml",
        save_gpt2(tmp_path / "model"),
        *sentences(1, [40] * 12),
    )
    report = attnviz.build(corpus, tmp_path / "report", tmp_path / "cache")
    kept = {
        step.name: len(list(step.iterdir()))
        for step in (tmp_path / "cache").iterdir()
        if step.is_dir() and step.name not in RECORDS
    }
    batches = kept["capture"]
    assert batches > 2
    layers = {head.layer for head in report.manifest.models[0].heads}
    tries = kept["errors of a batch"] // batches
    assert tries >= 1
    assert sum(kept.values()) == sum(jobs(batches, len(layers), methods=2, tries=tries).values())
