"""One view in a frame of a page on another server: without what surrounds views, and alive."""

from __future__ import annotations

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import numpy as np
import pytest
from playwright.sync_api import Frame, Page, expect

import attnviz
from tests.browser.visit import Visit, eventually, plain
from tests.fixtures.hostile import TITLE
from tests.fixtures.reports import build, short_corpus

AROUND = ".topbar, .inspector, .status, .tour, .ways"
SELECTION = {"view": "document", "head": "L1H2", "doc": 1, "token": 4, "side": "query"}


@pytest.fixture(scope="module")
def report(shared, tiny_model) -> Path:
    """The folder of a report whose title tries to be markup."""
    corpus = short_corpus("llama", tiny_model("llama"), title=TITLE)
    return Path(shared("embedded", lambda folder: build(corpus, folder)))


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args: object) -> None:
        """Says nothing."""


@contextmanager
def post(folder: Path, code: str, before: str = "") -> Iterator[str]:
    """The address of a page of another server, which has the code in it."""
    (folder / "post.html").write_text(
        '<!doctype html><meta charset="utf-8"><link rel="icon" href="data:,">'
        f"<h1>A post</h1>{before}{code}<p id='end'>The end</p>",
        "utf-8",
    )
    handler = partial(_Quiet, directory=str(folder))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


def frame_of(there: Visit, address: str) -> Frame:
    """The frame of a post that is opened, drawn; what was asked of the post's server is no concern
    of the report's."""
    there.page.goto(f"{address}post.html")
    expect(there.page.frame_locator("iframe").locator("html[data-ready=true]")).to_be_attached()
    there.requested[:] = [url for url in there.requested if not url.startswith(address)]
    return there.page.frames[1]


def code_of(there: Visit) -> str:
    """The code that the dialog of the link gives."""
    there.find(".tool", has_text="Link").click()
    return there.find(".share-panel textarea").input_value()


def test_the_code_of_a_view_shows_it_in_a_page_of_another_server(visit, report, tmp_path):
    there = visit(report, "http").open(**SELECTION)
    code = code_of(there)
    assert there.find("iframe").count() == 0  # the title is text in the dialog
    with post(tmp_path, code) as address:
        frame = frame_of(there, address)
        alone = there.page.locator("body *:not(script, style)")
        assert [plain(text) for text in alone.all_inner_texts()] == ["A post", "", "The end"]
        assert there.page.locator("iframe").get_attribute("title") == f"L1H2 · {TITLE}"
        for element in frame.locator(AROUND).all():
            expect(element).to_be_hidden()
        line = frame.locator(".embed-line")
        assert plain(line.inner_text()).startswith(f"L1H2 · {plain(TITLE)}")
        row = frame.evaluate(
            "async ([layer, head, doc, query]) => [...await attnviz.attention(layer, head, doc,"
            " query)]",
            [1, 2, 1, 4],
        )
        attention = attnviz.open_report(report).attention(1, 2, 1)
        np.testing.assert_allclose(row, attention[4, : len(row)], atol=1e-6)
        expect(frame.locator(".token.pinned").first).to_be_visible()


def test_it_is_selected_in_by_pointer_and_keys_and_back_leaves_the_post(visit, report, tmp_path):
    there = visit(report, "http").open(**SELECTION)
    with post(tmp_path, code_of(there)) as address:
        frame = frame_of(there, address)
        steps = there.page.evaluate("history.length")
        frame.locator(".token[data-token='2']").first.click()
        assert eventually(lambda: frame.evaluate("attnviz.state.token") == 2)
        there.page.keyboard.press("Shift+ArrowRight")
        assert eventually(lambda: frame.evaluate("attnviz.state.head") == "L1H3")
        expect(frame.locator(".embed-name b")).to_have_text("L1H3")
        assert there.page.evaluate("history.length") == steps
        there.page.keyboard.press("1")  # other views are the report's
        assert frame.evaluate("attnviz.state.view") == "document"
        with there.context.expect_page() as opened:
            frame.locator(".embed-line a").click()
        page: Page = opened.value
        page.locator("html[data-ready=true]").wait_for(state="attached")
        keys = parse_qs(urlsplit(page.url).fragment)
        assert (keys["head"], keys["token"], keys["view"]) == (["L1H3"], ["2"], ["document"])
        assert "embed" not in keys
        expect(page.locator(".topbar")).to_be_visible()


def test_the_wheel_goes_through_a_map_until_it_is_pressed(visit, report, tmp_path):
    there = visit(report, "http").open(view="head", head="L1H2")
    tall = "<div style='height: 60px'></div>"
    with post(tmp_path, code_of(there) + "<div style='height: 3000px'></div>", tall) as address:
        frame = frame_of(there, address)
        box = there.page.locator("iframe").bounding_box()
        middle = (box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        there.page.mouse.move(*middle)
        there.page.mouse.wheel(0, 40)
        assert eventually(lambda: there.page.evaluate("scrollY") == 40)
        assert frame.evaluate("attnviz.state.eye") == ""
        there.page.mouse.click(*middle)
        there.page.mouse.wheel(0, -120)
        assert eventually(lambda: frame.evaluate("attnviz.state.eye") != "")
        assert there.page.evaluate("scrollY") == 40


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", ["atlas", "head", "document", "lines", "matrix", "heads"])
def test_each_view_fits_a_narrow_frame_in_both_themes(visit, report, view, scheme):
    there = visit(report, viewport={"width": 360, "height": 480}, color_scheme=scheme)
    there.open(**SELECTION | {"view": view, "embed": 1})
    assert there.page.evaluate("document.scrollingElement.scrollWidth <= innerWidth")
    left, top, width, height = there.boxes("main")[0]
    line = there.boxes(".embed-line")[0]
    assert (left, top, width) == (0, 0, 360)
    assert line[1] == pytest.approx(height, abs=1)
    assert there.find("html").get_attribute("data-theme") == scheme


def test_without_embed_in_the_address_all_is_there_again(visit, report):
    there = visit(report).open(**SELECTION | {"embed": 1})
    expect(there.find(".inspector")).to_be_hidden()
    there.page.evaluate("location.hash = location.hash.replace('&embed=1', '')")
    there.becomes(embed=False)
    expect(there.find(".inspector .head-card h2")).to_have_text("L1H2")
    expect(there.find(".embed-line")).to_be_hidden()
    there.page.go_back()
    there.becomes(embed=True)
    expect(there.find(".topbar")).to_be_hidden()


def test_a_folder_says_that_it_needs_to_be_published(visit, report):
    there = visit(report).open(**SELECTION)
    there.find(".tool", has_text="Link").click()
    there.says(".share-panel", "once the report is published")
    assert there.find(".share-panel textarea").count() == 0
