"""Bytes of the manifest by the number of heads, against 200 kB."""

from __future__ import annotations

import tempfile
from pathlib import Path

import attnviz
from attnviz.format.index import split
from tests.benchmarks.figures import Figure, Result
from tests.fixtures.many_heads import multiply_heads
from tests.fixtures.models import save_model, sentences
from tests.fixtures.reports import build, short_corpus

SIZES = ((6, 12), (12, 12), (64, 64))
LIMIT = 200.0
"""Kilobytes that the manifest may have at any size."""


def measure() -> Result:
    """manifest.json of layers × heads that are made up, and the tables beside it, against a limit;
    format 1 had all in one file"""
    rows, figures = [], []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model = save_model("gemma2", folder / "model")
        texts = sentences(8, (6, 9, 7))
        build(short_corpus("tiny", model, documents=[{"text": texts}]), folder / "small")
        for layers, heads in SIZES:
            stem = f"{layers} × {heads}"
            out, spare = folder / stem, folder / f"spare {stem}"
            report = attnviz.open_report(
                multiply_heads(folder / "small", layers, heads, out, spare)
            )
            older = split(report.manifest.model_copy(update={"format_version": 1})).manifest
            size = (out / "manifest.json").stat().st_size / 1e3
            tables = [
                sum(path.stat().st_size for path in out.glob(f"data/{kind}-*.arrow")) / 1e3
                for kind in ("heads", "shards", "pages", "head-details")
            ]
            rows.append((stem, size, *tables, len(older) / 1e3))
            figures.append(Figure(f"{stem} heads", size, "kB", "limit", LIMIT, 1.0))
    names = ("manifest kB", "heads kB", "shards kB", "pages kB", "details kB", "format 1 kB")
    return Result(("", *names), rows, figures)
