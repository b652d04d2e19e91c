"""The attention that the page computes is Python's, from every encoding and by every score rule."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import attnviz

FAMILIES = ["gpt2", "llama", "mistral", "gemma2", "gpt_oss", "bert"]
"""Causal, grouped queries, sliding window, soft cap, sinks, both ways."""

# Rows, then columns, of one head and document, each with the work that it took.
NUMBERS = """async ([layer, head, document, rows, columns]) => {
  const take = async (method, indices) => {
    const found = [];
    for (const index of indices) {
      const values = Array.from(await attnviz[method](layer, head, document, index));
      found.push([values, attnviz.stats.visited]);
    }
    return found;
  };
  return [await take('attention', rows), await take('column', columns)];
}"""
MOST_ROWS = 24


def sample(report: attnviz.Report, count: int) -> Iterator[tuple[int, int, int, str]]:
    """Heads and documents, with their encodings: each encoding once in each layer, then seeded
    ones."""
    groups: dict[int, list[int]] = {}
    for document in report.documents:
        groups.setdefault(document.group, []).append(document.index)
    pairs = [
        (head.layer, head.head, groups[group][0], encoding)
        for head in report.manifest.models[0].heads
        for group, encoding in enumerate(head.encodings)
        if group in groups
    ]
    by_encoding = {
        (layer, encoding): (layer, head, document, encoding)
        for layer, head, document, encoding in pairs
    }
    yield from by_encoding.values()
    sampled = np.random.default_rng(0).choice(len(pairs), min(count, len(pairs)), replace=False)
    yield from (pairs[i] for i in sampled)


def check(visit, folder: Path, over: str, count: int) -> set[str]:
    """Compare a sample of rows and columns; the encodings that were in it."""
    report = attnviz.open_report(folder)
    page = visit(folder, over).open(view="document").page
    encodings = set()
    for layer, head, document, encoding in sample(report, count):
        where = f"L{layer}H{head}, document {document}, {encoding}"
        expected = report.attention(layer, head, document)
        queries, keys = (spread(n) for n in expected.shape)
        rows, columns = page.evaluate(
            NUMBERS, [layer, head, document, queries, keys[:: max(1, len(keys) // 4)]]
        )
        assert [len(row) for row, _ in rows] == [expected.shape[1]] * len(queries), where
        got = np.array([row for row, _ in rows])
        assert np.abs(got - expected[queries]).max() < 1e-6, where
        for (column, visited), key in zip(columns, keys[:: max(1, len(keys) // 4)], strict=True):
            assert np.abs(np.array(column) - expected[:, key]).max() < 1e-6, where
            assert np.abs(np.array(column)[queries] - got[:, key]).max() < 1e-12, where
            # One pass: each query that may see the key, none twice.
            assert (expected[:, key] > 0).sum() <= visited <= len(expected), where
        encodings.add(encoding)
    return encodings


def spread(count: int) -> list[int]:
    """All of so many indices, or some of them from the first to the last."""
    return sorted({round(i) for i in np.linspace(0, count - 1, min(count, MOST_ROWS))})


@pytest.mark.parametrize(("over", "count"), [("file", 8), ("http", 0)])
def test_rows_and_columns_of_minilm(visit, quickstart_report, over, count):
    assert {"dense-uint8", "query-key-int8", "query-key-int16"} <= check(
        visit, quickstart_report, over, count
    )


@pytest.mark.parametrize("family", FAMILIES)
def test_rows_and_columns_by_every_score_rule(visit, tiny_report, family):
    encodings = {
        encoding.split("-")[0] for encoding in check(visit, tiny_report(family), "file", 4)
    }
    assert encodings == ({"dense"} if family == "mistral" else {"dense", "query"})


def test_a_column_of_a_long_document_visits_each_query_once(visit, quickstart_report):
    page = visit(quickstart_report).open(view="document", doc=125).page
    _, ((column, visited),) = page.evaluate(NUMBERS, [0, 2, 125, [], [7]])
    assert len(column) == visited == 429
