"""The commands and queries on the page for people of other tools, run on a small model."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np

import attnviz
from attnviz.reader.check import inspect
from tests.contract.test_docs_run import blocks
from tests.fixtures.text_models import save_bert

PAGE = Path(__file__).parents[2] / "docs" / "how-to" / "coming-from.md"
TOOLS = ["BertViz", "AttentionViz", "viz.py", "CircuitsVis", "HeadVis", "TransformerLens"]


def test_each_tool_has_tasks_and_what_is_not_done() -> None:
    sections = PAGE.read_text("utf-8").split("\n## ")[1:]
    assert [section.splitlines()[0] for section in sections] == TOOLS
    for section in sections:
        assert "```" in section
        assert re.search(r"^\| .+ \| attnviz \|$", section, re.MULTILINE)
        assert "\n**What attnviz does not do.** " in section


def test_its_commands_run(tmp_path: Path, monkeypatch: Any, attnviz_command: Any) -> None:
    monkeypatch.chdir(tmp_path)
    for folder in ("texts", "models/mine"):
        Path(folder).mkdir(parents=True)
    save_bert(Path("models/mine"))
    (corpus,) = blocks(PAGE, "yaml")
    Path("texts/corpus.yaml").write_text(corpus, "utf-8")
    Path("texts/letters.txt").write_text("the cat sat on a mat\n\nrain fell over hills\n", "utf-8")
    Path("text.txt").write_text("a\n<s>\n", "utf-8")
    Path("score.txt").write_text("0.2\n0.7\n", "utf-8")
    lines = "".join(blocks(PAGE, "sh")).splitlines()
    assert len(lines) == 2
    for line in lines:
        command, _, file = line.partition(" > ")
        code, out, err = attnviz_command(*command.split()[1:])
        assert code == 0, err
        if file:
            Path(file).write_text(out, "utf-8")
    assert "&lt;s&gt;" in Path("page.html").read_text("utf-8")
    report = attnviz.open_report("build/corpus")
    assert not inspect(report.folder).faults
    assert len(report.manifest.models[0].maps) == 8


def test_the_strongest_weights_of_rows_become_a_report_that_says_what_is_missing(
    tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.chdir(tmp_path)
    (block,) = [each for each in blocks(PAGE, "python") if "top8" in each]
    exec(block, {"attnviz": attnviz, "np": np, "words": ["the", "cat", "sat", "down"]})
    report = attnviz.open_report("build/sparse")
    assert not inspect(report.folder).faults
    stored = report.attention(0, 0, 0, sink=True)
    # What the block gives: (0, 0, 1.0), (1, 0, 0.9), (2, 0, 0.6), (2, 1, 0.3), (3, 2, 0.8).
    expected = [[1, 0, 0, 0, 0], [0.9, 0, 0, 0, 0.1], [0.6, 0.3, 0, 0, 0.1], [0, 0, 0.8, 0, 0.2]]
    np.testing.assert_allclose(stored, expected, atol=0.005)
    page = (report.folder / "heads" / "sparse" / "L0H0.html").read_text("utf-8")
    assert "what rows lack was not given: it is missing, and on no token" in page
