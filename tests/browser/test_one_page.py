"""A report in one page: opened by double click, in a frame's text, where scripts are forbidden, and
when it is not whole."""

from __future__ import annotations

import html
import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from playwright.sync_api import Browser, expect

import attnviz
from tests.browser.test_hostile_texts import TITLE
from tests.browser.visit import Visit, plain

FROZEN = Path(__file__).parents[1] / "fixtures" / "frozen" / "format-1"
STRICT = "sandbox; default-src 'none'; img-src 'self'; style-src 'self'"
"""The policy under which Jenkins shows the files that a job keeps."""


@pytest.fixture(scope="module")
def report(tiny_report) -> attnviz.Report:
    return attnviz.open_report(tiny_report("llama"))


@pytest.fixture
def alone(report: attnviz.Report, tmp_path: Path) -> Path:
    """The folder of a page with nothing beside it."""
    folder = tmp_path / "alone"
    folder.mkdir()
    report.to_html(folder / "one.html")
    return folder


@pytest.fixture
def frozen(tmp_path: Path) -> attnviz.Report:
    """A report whose heads have labels; its page lies in the test's folder."""
    report = attnviz.open_report(FROZEN)
    report.to_html(tmp_path / "one.html")
    return report


@contextmanager
def serving(folder: Path, policy: str) -> Iterator[str]:
    """The address of a server that sends this policy with every page."""

    class Handler(http.server.SimpleHTTPRequestHandler):
        def end_headers(self) -> None:
            self.send_header("Content-Security-Policy", policy)
            super().end_headers()

        def log_message(self, *args: Any) -> None:
            """Says nothing."""

    handler = partial(Handler, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.mark.parametrize("view", ["atlas", "document", "heads"])
def test_every_view_opens_by_a_double_click(visit, alone: Path, view: str):
    there = visit(alone)
    there.go("one.html", view=view, head="L1H2", doc=1).drawn()
    assert there.state["head"] == "L1H2"
    assert {url.split("#")[0] for url in there.requested} == {f"{alone.as_uri()}/one.html"}


def test_its_numbers_are_the_reports(visit, report: attnviz.Report, alone: Path):
    there = visit(alone)
    there.go("one.html").drawn()
    for document in (0, len(report.documents) - 1):
        truth = report.attention(1, 2, document)
        script = "async ([d, q]) => [...await attnviz.attention(1, 2, d, q)]"
        row = there.page.evaluate(script, [document, len(truth) - 1])
        assert np.abs(np.array(row) - truth[-1]).max() < 1e-6


def test_it_opens_at_the_view_and_head_that_were_asked_for(visit, report, tmp_path):
    report.to_html(tmp_path / "one.html", view="matrix", head="L1H3")
    there = visit(tmp_path)
    there.go("one.html").becomes(view="matrix", head="L1H3")
    there.go("one.html", view="heads", head="L0H1").becomes(view="heads", head="L0H1")
    report.to_html(tmp_path / "lines.html", view="lines")
    there.go("lines.html").becomes(view="lines", heads="layer")
    assert len(there.texts(".head-chip[aria-pressed=true]")) == 4


def test_in_the_text_of_a_sandboxed_frame_every_link_and_step_works(visit, report, tmp_path):
    page = html.escape(str(report.to_html(view="lines", head="L1H3")))
    frame = f'<iframe sandbox="allow-scripts" width="1100" height="700" srcdoc="{page}"></iframe>'
    (tmp_path / "frames.html").write_text(f'<link rel="icon" href="data:,">{frame * 2}')
    there = visit(tmp_path, tolerate="about:srcdoc")
    there.go("frames.html")
    for number in (0, 1):
        inside = there.page.frame_locator(f"iframe >> nth={number}")
        expect(inside.locator("html[data-view=lines][data-ready=true]")).to_be_attached()
        expect(inside.get_by_title("Copy a link to exactly this view")).to_have_count(0)
        inside.get_by_role("link", name="Find heads").click()
        expect(inside.locator("html[data-view=heads][data-ready=true]")).to_be_attached()
        inside.locator(".document-link").first.dispatch_event("click")
        expect(inside.locator("html[data-view=document][data-ready=true]")).to_be_attached()
    requested = {url.split("#")[0] for url in there.requested}
    assert requested <= {f"{tmp_path.as_uri()}/frames.html", "about:srcdoc"}


def test_where_scripts_and_styles_are_forbidden_it_shows_its_summary(
    browser: Browser, frozen: attnviz.Report, tmp_path: Path
):
    with serving(tmp_path, STRICT) as address:
        there = Visit(browser.new_context(), address)
        there.go("one.html")
        summarised(there, frozen)
        there.close()


def test_without_javascript_it_shows_its_summary(visit, frozen: attnviz.Report, tmp_path: Path):
    there = visit(tmp_path, java_script_enabled=False)
    there.go("one.html")
    summarised(there, frozen)


def test_a_report_of_an_older_attnviz_opens_with_this_viewer(visit, frozen, tmp_path: Path):
    there = visit(tmp_path)
    there.go("one.html", view="document", doc=0).drawn()


def summarised(there: Visit, report: attnviz.Report) -> None:
    """Labels, a table of all heads and their thumbnails are seen, for each model."""
    for number, model in enumerate(report.manifest.models):
        of_model = there.find(f".model-summary >> nth={number}")
        rows = of_model.locator(".heads tbody tr")
        expect(rows).to_have_count(len(model.heads))
        expect(of_model.locator(".heads svg")).to_have_count(len(model.heads))
        titles = {kind.name: kind.title for kind in model.labels}
        for head, row in zip(model.heads, rows.all(), strict=True):
            expect(row).to_be_visible()
            words = plain(row.inner_text())
            assert words.startswith(model.head_id(head))
            for label in head.labels:
                assert f"{titles[label.name]} {100 * label.score:.3g}"[:-1] in words
        labels = {label.name for head in model.heads for label in head.labels}
        expect(of_model.locator(".labels tbody tr")).to_have_count(len(labels))
    assert there.find(".labels").count() > 0
    assert all(width > 40 and height > 40 for _, _, width, height in there.boxes(".heads svg"))


def test_hostile_texts_stay_texts_in_it(visit, hostile_report: Path, tmp_path: Path):
    attnviz.open_report(hostile_report).to_html(tmp_path / "one.html")
    there = visit(tmp_path)
    there.go("one.html", view="document", doc=0, head="L1H2").drawn()
    assert there.text(".title") == plain(TITLE)
    kinds = "img, iframe, object, embed, base, form, a[href^='javascript']"
    assert there.find(kinds).count() == 0


def test_one_that_was_cut_short_still_shows_its_summary(visit, report, alone: Path):
    page = (alone / "one.html").read_text()
    (alone / "one.html").write_text(page[: len(page) * 2 // 3])
    there = visit(alone)
    there.go("one.html")
    there.says(".heads th", "L0H0")


def test_a_damaged_block_is_named(visit, report, alone: Path):
    page = (alone / "one.html").read_text()
    marker = 'data-carried="manifest.json">'
    (alone / "one.html").write_text(page.replace(marker, f"{marker}AAAA"))
    there = visit(alone)
    there.go("one.html").drawn("error")
    there.says("#boot-message", "manifest.json is damaged in this page")
