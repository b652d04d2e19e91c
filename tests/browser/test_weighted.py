"""Attention weighted by the lengths of values: one switch in every way of seeing a document, its
numbers those of Python; where a report has no lengths, the switch says why it cannot be used."""

from __future__ import annotations

import csv
import io

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.damage import copied, rewrite
from tests.browser.exports import export, press_export
from tests.conftest import Shared
from tests.fixtures.models import sentences
from tests.fixtures.reports import build

HEAD, DOCUMENT = "L1H3", 1


@pytest.fixture(scope="module")
def grouped(shared: Shared, tiny_model):
    """Of a Llama whose heads share keys and values: one text stored as attention, one as
    vectors."""

    def make(folder):
        build(
            {
                "title": "Weighted",
                "models": [{"name": "llama", "source": str(tiny_model("llama"))}],
                "documents": [{"text": sentences(3, (8, 40))}],
                "maps": {"methods": ["pca"], "dimensions": [2]},
            },
            folder,
        )

    return shared("weighted", make)


@pytest.fixture
def report(grouped):
    return attnviz.open_report(grouped)


def _table(there, folder):
    """What the export has as a table, row by row."""
    press_export(there)
    return list(csv.DictReader(io.StringIO(export(there, "CSV", folder).read_text("utf-8-sig"))))


@pytest.mark.parametrize("aggregate", ["head", "layer", "all", "rollout"])
def test_the_text_has_the_weighted_numbers(visit, grouped, report, tmp_path, aggregate):
    there = visit(grouped).open(
        view="document", head=HEAD, doc=DOCUMENT, token=9, weighted="1", aggregate=aggregate
    )
    expected = {
        "head": lambda: report.attention(1, 3, DOCUMENT, weighted=True),
        "layer": lambda: report.mean_attention(DOCUMENT, layers=[1], weighted=True),
        "all": lambda: report.mean_attention(DOCUMENT, weighted=True),
        "rollout": lambda: report.rollout(DOCUMENT, layer=1, weighted=True),
    }[aggregate]()
    there.says(".kind-note", "Weighted by the lengths of the values: a‖v‖")
    rows = _table(there, tmp_path)
    looks = [float(row["looks_at"] or 0) for row in rows]
    looked = [float(row["looked_at_by"] or 0) for row in rows]
    assert looks == pytest.approx(expected[9], abs=1e-6)
    assert looked == pytest.approx(expected[:, 9], abs=1e-6)


def test_the_matrix_has_the_weighted_numbers(visit, grouped, report, tmp_path):
    there = visit(grouped).open(view="matrix", head=HEAD, doc=DOCUMENT, weighted="1")
    there.says(".matrix .lede", "a‖v‖")
    rows = _table(there, tmp_path)
    weights = np.array([[float(cell) for cell in list(row.values())[2:]] for row in rows])
    expected = report.attention(1, 3, DOCUMENT, weighted=True)
    assert weights == pytest.approx(expected, abs=1e-6)


def test_lines_have_the_weighted_numbers(visit, grouped, report):
    there = visit(grouped).open(view="lines", head=HEAD, doc=DOCUMENT, token=9, weighted="1")
    there.says(".lines .lede", "a‖v‖")
    row = report.attention(1, 3, DOCUMENT, weighted=True)[9]
    shares = there.find(".lines-column.key .lines-share").all_inner_texts()
    stated = [int("".join(filter(str.isdigit, text))) for text in shares]
    expected = [round(100 * share) for share in row if share >= 0.01]
    assert len(stated) == len(expected)
    assert stated == pytest.approx(expected, abs=1)


def test_small_patterns_are_of_weighted_rows(visit, grouped, report):
    there = visit(grouped).open(view="patterns", head=HEAD, doc=0, weighted="1")
    there.says(".patterns .lede", "a‖v‖")
    shades = there.find(f"[data-head={HEAD}] canvas").evaluate(
        "(c) => [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]"
    )[::4]
    expected = report.attention(1, 3, 0, weighted=True).flatten()
    assert len(shades) == len(expected)
    ordered = np.array(shades)[np.argsort(expected)]
    assert (np.diff(ordered) <= 0).all(), "the more, the darker"


def test_the_switch_stands_in_the_link_and_back_undoes_nothing_else(visit, grouped):
    there = visit(grouped).open(view="matrix", head=HEAD, doc=DOCUMENT)
    there.find(".weight-switch input").check()
    there.becomes(weighted=True, head=HEAD, doc=DOCUMENT)
    there.says(".matrix .lede", "a‖v‖")
    there.find(".weight-switch input").uncheck()
    there.becomes(weighted=False)


def test_an_old_report_says_why_it_cannot(visit, grouped, tmp_path):
    """Reports from before lengths were kept have their mean, and those that cannot have them not
    even that."""
    old = copied(grouped, tmp_path / "old")
    rewrite(old, _without_lengths)
    there = visit(old).open(view="document", weighted="1")
    expect(there.find(".weight-switch input")).to_be_disabled()
    expect(there.find(".weight-switch input")).not_to_be_checked()
    there.says(".weight-reason", "built before lengths of values were kept")
    expect(there.find(".kind-note")).to_be_hidden()


def _without_lengths(manifest):
    for source in manifest["models"][0]["captures"]:
        del source["values"]
