"""Shares of attention that a report and the eight strongest keys of its rows keep."""

from __future__ import annotations

from pathlib import Path
from typing import Final

import numpy as np

from attnviz.building import build
from attnviz.config import load_config
from attnviz.engine.engine import Engine
from attnviz.reader.report import Report
from attnviz.score import Array
from corpora import make_induction
from tests.benchmarks.events import EventProgress

KEYS: Final = 8
LEAST: Final = 0.005
ENTRY_BYTES: Final = 5
"""Query and key in two bytes each, weight in one."""


def strongest(attention: Array) -> tuple[Array, int]:
    """The share of each row (query,) that its eight strongest keys have, of those with at least
    0.005, and how many keys that are in all rows.

    >>> shares, entries = strongest(np.array([[0.996, 0.004], [0.5, 0.5]]))
    >>> shares.tolist(), entries
    ([0.996, 1.0], 3)
    """
    top = -np.sort(-np.nan_to_num(attention), axis=1)[:, :KEYS]
    top[top < LEAST] = 0
    return top.sum(1), int((top > 0).sum())


def kept(corpus: str, folder: str) -> dict[str, float]:
    """Mean over rows of all heads and documents, and bytes, of a report built from nothing and of
    the rule; a report keeps all but its certificate's mean total variation."""
    overrides: dict[str, object] = {"maps.methods": [], "story": None}
    if Path(corpus).stem == "induction":
        make_induction.save(Path(folder, "model"))
        overrides["models"] = [{"name": "induction", "source": str(Path(folder, "model"))}]
    config = load_config(Path(corpus), overrides)
    report = build(config, Path(folder, "report"), Engine(Path(folder, "cache"), EventProgress()))
    return _kept(report.report)


def _kept(report: Report) -> dict[str, float]:
    (model,) = report.manifest.models
    shares: dict[int, list[Array]] = {}
    entries = 0
    for document in range(report.manifest.documents.count):
        for head in model.heads:
            attention = report.attention(head.layer, head.head, document)
            share, count = strongest(attention)
            shares.setdefault(len(attention), []).append(share)
            entries += count
    rows = np.concatenate([np.concatenate(each) for each in shares.values()])
    variation = np.mean([head.certificate.total_variation for head in model.heads])
    shards = report.manifest.shards.values()
    return {
        "ours": 1 - float(variation),
        "our_bytes": sum(shard.bytes for shard in shards if shard.kind == "attention"),
        "top": float(rows.mean()),
        "top_longest": float(np.concatenate(shares[max(shares)]).mean()),
        "top_bytes": entries * ENTRY_BYTES,
    }
