"""A published report opens at every view wherever it lies, and draws the report's numbers."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import pytest
from playwright.sync_api import expect

import attnviz
from attnviz.publish.archive import Archive
from attnviz.publish.site import site_of
from tests.browser.published import keep_all, publish
from tests.browser.views import VIEWS
from tests.fixtures.reports import build, short_corpus


@pytest.fixture(scope="module")
def report(shared, tiny_model) -> Path:
    """The folder of a report, as it was built."""
    corpus = short_corpus("llama", tiny_model("llama"))
    return Path(shared("offline", lambda folder: build(corpus, folder)))


def unpacked(report: Path, folder: Path) -> Path:
    """A report that was sent as a zip."""
    Archive(folder / "sent.zip").put(site_of(report, None, with_twins=True))
    with zipfile.ZipFile(folder / "sent.zip") as archive:
        archive.extractall(folder / "elsewhere")
    return folder / "elsewhere" / "sent"


@pytest.mark.parametrize("way", ["zip", "web", "without a network"])
def test_every_view_opens_and_the_matrix_has_the_numbers(visit, report, tmp_path, way):
    if way == "zip":
        there = visit(unpacked(report, tmp_path))
    else:
        there = visit(publish(report, tmp_path / "public"), "http")
    if way == "without a network":
        keep_all(there.open())
        there.tolerated = re.compile("ERR_INTERNET_DISCONNECTED|ERR_FAILED")
        there.context.set_offline(True)
    for view in VIEWS:
        there.open(view=view, head="L1H2", doc=1, token=3).becomes(view=view)
    there.open(view="matrix", head="L1H2", doc=1)
    there.page.keyboard.press("t")
    expect(there.find(".numbers-frame")).to_be_focused()
    rows = there.page.evaluate(
        "[...document.querySelectorAll('.numbers tr')].map(r => [...r.cells].map(c => c.innerText))"
    )
    truth = attnviz.open_report(report).attention(1, 2, 1)
    assert len(rows) == len(truth) + 1
    for row, weights in zip(rows[1:], truth, strict=True):
        assert [float(text) for text in row[2:]] == pytest.approx(weights.tolist(), abs=1e-4)
