"""The aggregate matrix by position in the inspector is the mean of the report's own rows."""

from __future__ import annotations

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz

PARTS = 16


def overlap(length: int) -> np.ndarray:
    """(token, part): how much of each token lies in each of 16 equal parts of its document."""
    edges = np.arange(length + 1) * PARTS / length
    low = np.maximum(edges[:-1, None], np.arange(PARTS))
    high = np.minimum(edges[1:, None], np.arange(PARTS) + 1)
    return (high - low).clip(0) * length / PARTS


def test_each_cell_is_the_mean_over_all_rows_of_the_report(visit, labelled):
    report = attnviz.open_report(labelled)
    sums, rows = np.zeros((PARTS, PARTS)), np.zeros(PARTS)
    for number in range(len(report.documents)):
        attention = report.attention(0, 1, number)
        good = ~np.isnan(attention).any(1)
        queries, keys = overlap(len(attention))[good], overlap(attention.shape[1])
        sums += queries.T @ attention[good] @ keys
        rows += queries.sum(0)
    expected = sums / rows[:, None]

    there = visit(labelled).open(view="head", head="L0H1")
    there.find("details[data-list=positions] summary").click()
    cells = there.find(".position-cell")
    expect(cells).to_have_count(PARTS**2)
    tips = cells.evaluate_all("cells => cells.map((cell) => cell.dataset.tip)")
    for i, tip in enumerate(tips):
        value = expected[i // PARTS, i % PARTS]
        assert tip.startswith(f"Queries in part {i // PARTS + 1} of 16, keys in part {i % 16 + 1}:")
        if "under" in tip:
            assert value < 1.01e-4
        else:
            shown = float(re.search(r": ([\d.]+)", tip).group(1)) / 100
            assert shown == pytest.approx(value, abs=0.0005 if value > 0.01 else 0.00006)
    assert "all" in there.text(".positions p")
    # Another head's matrix takes its place.
    before = tips[0]
    there.page.keyboard.press("ArrowLeft")
    there.becomes(head="L0H0")
    expect(cells).to_have_count(PARTS**2)
    expect(cells.first).not_to_have_attribute("data-tip", before)
