"""What losing a head costs, in the panel, the table and the atlas: the report's own figures."""

from __future__ import annotations

from pathlib import Path

import pytest

import attnviz
from corpora import make_induction
from tests.browser.visit import Visit
from tests.fixtures.reports import build


@pytest.fixture(scope="module")
def induction(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report of the circuit wired by hand, with the effects of its heads."""
    where = tmp_path_factory.mktemp("effects")
    make_induction.save(where / "model")
    corpus = {
        "models": [{"name": "m", "source": str(where / "model")}],
        "documents": [{"text": make_induction.texts()["repeated.txt"][:3]}],
        "maps": {"methods": []},
        "effects": True,
        "probes": False,
    }
    build(corpus, where / "report")
    return where / "report"


def amount(value: float) -> str:
    """Two digits that mean something."""
    return f"{abs(value):.2f}"


def test_the_panel_says_what_losing_the_head_costs_and_in_the_open_document(visit, induction):
    there: Visit = visit(induction).open(head="L0H2", doc=1)
    report = attnviz.open_report(induction)
    everywhere, here = report.effect(0, 2), report.effect(0, 2, 1)
    there.says(
        ".inspector .effect-line",
        f"Without this head the loss rises by {amount(everywhere['loss'])} nats (control ",
    )
    there.says(
        ".inspector .effect-here",
        f"In the document that is open it rises by {amount(here['loss'])} nats (control ",
    )


def test_heads_are_sorted_by_it_and_the_atlas_draws_it(visit, induction):
    there: Visit = visit(induction).open(view="heads", sort="-effect_loss", columns="effect_loss")
    assert there.texts(".heads-table tbody .head-link")[0] == "L0H2"
    there.page.evaluate("location.hash = 'view=atlas&bar=effect_loss'")
    there.becomes(view="atlas", bar="effect_loss")
    widths = there.find(".cell-holder .bar").evaluate_all("all => all.map((e) => e.style.width)")
    assert widths.count("100%") == 1
