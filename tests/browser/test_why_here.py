"""Why a head looks where it does, in its panel: the report's own parts of a pair's score."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import attnviz
from tests.browser.visit import Visit
from tests.fixtures.models import save_model, sentences
from tests.fixtures.reports import build


@pytest.fixture(scope="module")
def gemma(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report with components, some by labels of words, of a model with rotary embedding, grouped
    keys and a soft cap."""
    where = tmp_path_factory.mktemp("why")
    texts = sentences(4, (9, 8))
    kinds = [["long" if len(word) > 3 else "short" for word in t.split()] for t in texts]
    rows = [{"text": t, "kind": kind} for t, kind in zip(texts, kinds, strict=True)]
    (where / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    corpus = {
        "models": [{"name": "m", "source": str(save_model("gemma2", where / "model"))}],
        "documents": [{"file": str(where / "rows.jsonl"), "token_labels": ["kind"]}],
        "maps": {"methods": []},
        "components": {"rank": 2, "contrast": "kind"},
        "probes": False,
    }
    build(corpus, where / "report")
    return where / "report"


def values(there: Visit) -> list[float]:
    return [float(text.replace("−", "-")) for text in there.texts(".score-bars tbody .number")]


def test_the_panel_splits_the_score_of_the_selected_pair(visit, gemma):
    report = attnviz.open_report(gemma)
    there: Visit = visit(gemma).open(head="L1H2", view="document", doc=0, token=7, key=3)
    there.page.locator("[data-list=why] summary").focus()
    there.page.keyboard.press("Enter")
    rows = report.components(1, 2).to_pylist()
    by_kind = [row["contrast"] for row in rows if row["contrast"] is not None]
    assert 0 < len(by_kind) < len(rows)
    there.says(".why-share", "The 2 strongest other components of 8 carry")
    difference = report.interaction(1, 2)["contrast"]
    sign = "higher" if difference > 0 else "lower"
    there.says(".why-contrast", f"the same kind scores are {abs(difference):.2g}")
    there.says(".why-contrast", f"{sign} in the mean than where they have two")
    for key in (3, 5):
        words = report.documents[0].text.split()
        there.says(".score-bars caption", f"{words[7]} → {words[key]} score")
        table = report.score_bars(1, 2, 0, 7, key)
        parts = [round(value, 2) for value in table["value"].to_pylist()]
        assert values(there)[:-1] == pytest.approx(parts, abs=0.0051)
        assert values(there)[-1] == pytest.approx(sum(table["value"].to_pylist()), abs=0.0051)
        there.open(head="L1H2", view="document", doc=0, token=7, key=5)
    widths = [width for _, _, width, _ in there.boxes(".score-bar")]
    heights = {height for _, _, _, height in there.boxes(".score-bar")}
    values_now = [abs(value) for value in values(there)[:-1]]
    assert len(heights) == 1
    assert min(values(there)[:-1]) < 0
    scale = max(widths) / max(values_now)
    assert widths == pytest.approx([scale * value for value in values_now], abs=1.6)
    titles = there.texts(".score-bars th[scope=row]")
    assert [" by kind " in title for title in titles[: len(rows)]] == [
        row["contrast"] is not None for row in rows
    ]
    assert titles[len(rows) :] == [
        "All other components", "Key alone", "Query alone", "Constant", "Position", "Soft cap",
        "Score, before softmax",
    ]  # fmt: skip
    of_pair = there.page.locator("[data-part='component 1'] bdi.query").inner_text().split(" · ")
    assert set(of_pair) < set(rows[0]["query_tokens"])
    there.open(head="L1H2", view="document", doc=0)
    there.says(".why-pair", "Select a token in a document")
