"""A report of twins alone (`site: {open: file}`) opens from a folder, from any web server, and from
`attnviz serve`, which gives out no twins."""

from __future__ import annotations

import http.server
import threading
from functools import partial

import numpy as np
import pytest
from playwright.sync_api import Browser

import attnviz
from tests.fixtures.reports import build, short_corpus

MATRIX = "#view=matrix&head=L1H2&doc=1"
ROW = "attnviz.attention(1, 2, 1, 7).then((row) => [...row])"


@pytest.fixture(scope="module")
def report(shared, tiny_model):
    corpus = short_corpus("llama", tiny_model("llama")) | {"site": {"open": "file"}}
    return shared("twins_alone", lambda folder: build(corpus, folder))


def test_it_opens_from_a_folder_and_from_attnviz_serve(visit, report, over):
    there = visit(report, over, tolerate="404").open(view="matrix", head="L1H2", doc=1)
    row = there.page.evaluate(ROW)
    assert np.allclose(row, attnviz.open_report(report).attention(1, 2, 1)[7], atol=1e-6)
    there.open(view="atlas")


def test_it_opens_from_a_web_server_that_knows_nothing_of_it(browser: Browser, report):
    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *args):
            pass

    handler = partial(Quiet, directory=str(report))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        page = browser.new_page()
        failed = []
        page.on("response", lambda response: failed.append(response.url) if not response.ok else 0)
        page.goto(f"http://127.0.0.1:{server.server_port}/index.html{MATRIX}")
        page.locator("html[data-ready=true]").wait_for(state="attached")
        row = page.evaluate(ROW)
        page.close()
        server.shutdown()
    assert np.allclose(row, attnviz.open_report(report).attention(1, 2, 1)[7], atol=1e-6)
    assert failed == []
