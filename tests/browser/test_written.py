"""What a head writes, in its panel: the report's own figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import attnviz
from corpora import make_induction
from tests.browser.visit import Visit
from tests.fixtures.reports import build


@pytest.fixture(scope="module")
def induction(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of the circuit wired by hand, with what its heads write."""
    where = tmp_path_factory.mktemp("written")
    make_induction.save(where / "model")
    corpus = {
        "models": [{"name": "m", "source": str(where / "model")}],
        "documents": [{"text": make_induction.texts()["repeated.txt"][:3]}],
        "maps": {"methods": []},
        "writes": True,
        "probes": False,
    }
    build(corpus, where / "report")
    return where / "report"


def test_the_panel_shows_what_the_head_writes_and_whom_it_reads(visit, induction):
    there: Visit = visit(induction).open(head="L1H1")
    there.page.locator("[data-list=written] summary").click()
    there.says(".composed", "Reads most from (random 0.088): L0H2 by keys 0.18")
    rows = attnviz.open_report(induction).writes(1, 1).to_pylist()
    there.page.get_by_role("button", name=f"All {len(rows)} tokens").click()
    assert there.texts(".written tbody th bdi") == [row["text"] for row in rows]
    first = there.page.locator(".written tbody tr").first.locator("td").first
    assert first.inner_text() == f"{rows[0]['raised'][0]} +{rows[0]['raised_by'][0]:.2f}"


def test_a_head_leads_to_the_one_that_reads_it(visit, induction):
    there: Visit = visit(induction).open(head="L0H2")
    there.page.locator("[data-list=written] summary").click()
    there.says(".composed", "Is read most by (random 0.088): L1H1 by keys 0.18")
    there.page.locator(".composed").get_by_role("button", name="L1H1").click()
    there.becomes(head="L1H1")
