"""Special tokens and sinks left out: one switch in every view, the rest of each row made whole, and
beside the switch what was left out. A hand-wired model has a head that rests on the first token."""

from __future__ import annotations

import re

import numpy as np
import pyarrow as pa
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.visit import plain
from tests.conftest import Shared
from tests.fixtures.handwired import WORDS, save_gpt2
from tests.fixtures.reports import build

FIRST, SELF = "L0H1", "L0H2"
BESIDE = "(rows) => rows.map((row) => [Number(row.dataset.token), row.textContent])"


@pytest.fixture(scope="module")
def wired(shared: Shared):
    """Of a GPT-2 whose head L0H1 attends to the first token alone, and L0H2 to the token itself."""

    def make(folder):
        models = [{"name": "wired", "source": str(save_gpt2(folder / "model"))}]
        documents = [{"text": [" ".join(WORDS), " ".join(WORDS[::-1])]}]
        corpus = {"title": "Wired", "models": models, "documents": documents}
        build(corpus | {"maps": {"methods": ["pca"]}}, folder / "report")

    return shared("wired", make) / "report"


@pytest.fixture
def report(quickstart_report):
    return attnviz.open_report(quickstart_report)


def _left_out(there):
    """The percentages beside the switch: of the row, where there is one, and of the head."""
    text = plain(there.find(".left-out").inner_text())
    return [float(number) for number in re.findall(r"([\d.]+) ?%", text)]


def _remaining(report, document, row):
    """A row without special tokens, re-normalised, and the share of those."""
    special = np.array(report.documents[document].special)
    return np.where(special, 0, row) / row[~special].sum(), row[special].sum()


@pytest.mark.parametrize("view", ["document", "matrix"])
def test_what_is_left_out_stands_beside_the_switch(visit, quickstart_report, report, view):
    there = visit(quickstart_report).open(view=view, head="L2H9", doc=1, token=12, hide="1")
    attention = report.attention(2, 9, 1)
    special = np.array(report.documents[1].special)
    of_head = 100 * attention[~special][:, special].sum(1).mean()
    if view == "document":
        of_row = 100 * attention[12, special].sum()
        assert _left_out(there) == pytest.approx([of_row, of_head], abs=0.06)
    else:
        assert _left_out(there) == pytest.approx([of_head], abs=0.06)
    there.page.get_by_label("Hide special tokens and sinks").uncheck()
    there.becomes(hide=False)
    expect(there.find(".left-out")).to_be_empty()


def test_lines_and_the_card_leave_out_the_same(visit, quickstart_report, report):
    there = visit(quickstart_report).open(view="head", head="L2H9", doc=1, token=12, hide="1")
    row, _ = _remaining(report, 1, report.attention(2, 9, 1)[12])
    strongest = there.find(".token-card .partners").first.locator(".partner").first
    assert int(strongest.get_attribute("data-token")) == int(row.argmax())
    assert f"{100 * row.max():.1f} %" in plain(strongest.inner_text())
    there.open(view="lines", head="L2H9", doc=1, token=12, hide="1")
    attention = report.attention(2, 9, 1)
    special = np.array(report.documents[1].special)
    shares = attention[:, special].sum(1)
    expected = [100 * shares[12], 100 * shares[~special].mean()]
    assert _left_out(there) == pytest.approx(expected, abs=0.06)


def test_the_first_token_is_left_out_where_the_report_names_it(visit, wired):
    there = visit(wired).open(view="matrix", head=FIRST, doc=0, hide="1")
    assert there.text(".lede").startswith(
        f"{FIRST}: 12 queries down, 11 keys across; the first token left out"
    )
    assert _left_out(there) == [100]
    there.open(view="document", head=FIRST, doc=0, token=5, hide="1")
    assert "What is left is too little to be told exactly." in there.text(".note")
    # The same key is left out of a head that does not rest on it, so that heads can be compared.
    there.open(view="lines", head=SELF, doc=0, token=3, hide="1")
    assert _left_out(there)[0] == 0
    shares = there.find(".lines-column.key .lines-token:has(.lines-share)").evaluate_all(BESIDE)
    assert [token for token, _ in shares] == [3]


def test_patterns_leave_out_each_head_s_own_sinks(visit, wired):
    there = visit(wired).open(view="patterns", head=FIRST, doc=0)
    cell = "document.querySelector('[data-head=%s] canvas')"
    ink = (
        "(() => { const c = " + cell + "; const d = c.getContext('2d').getImageData(0, 0, c.width,"
        " c.height).data; return new Set(d).size; })()"
    )
    assert there.page.evaluate(ink % FIRST) > 4
    there.page.get_by_label("Hide special tokens and sinks").check()
    there.becomes(hide=True)
    assert there.page.evaluate(ink % FIRST) <= 4, "one colour: nothing is left"
    assert there.page.evaluate(ink % SELF) > 4
    assert _left_out(there) == [100]


def test_the_points_of_special_tokens_are_gone_from_the_atlas(visit, quickstart_report, report):
    there = visit(quickstart_report).open(head="L2H9", hide="1")
    (model,) = report.manifest.models
    path = quickstart_report / report.manifest.shards[model.axes[0].sample.shard].path
    with pa.ipc.open_file(path) as shard:
        sample = shard.read_all()["token"].to_pylist()[: model.overview.count]
    special = [is_special for document in report.documents for is_special in document.special]
    share = 100 * np.mean([special[token] for token in sample])
    assert _left_out(there)[0] == pytest.approx(share, abs=0.06)
    assert "of the points of L2H9" in there.text(".left-out")
