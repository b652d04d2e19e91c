"""A report that a server or a frame puts into a sandbox opens from its twins: there a page has no
origin, and may fetch nothing."""

from __future__ import annotations

import http.server
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visit import Visit

FRAME = (
    '<!doctype html><link rel="icon" href="data:,">'
    '<iframe sandbox="allow-scripts" src="report/index.html"></iframe>'
)


class _Handler(http.server.SimpleHTTPRequestHandler):
    """Serves a folder as Jupyter does its files: under `report/`, in a sandbox. The page beside it
    has the report in a sandboxed frame."""

    def __init__(self, *args: Any, sandbox: bool, **options: Any) -> None:
        self.sandbox = sandbox
        super().__init__(*args, **options)

    def translate_path(self, path: str) -> str:
        return super().translate_path(path.removeprefix("/report"))

    def do_GET(self) -> None:
        if self.path == "/":
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(FRAME.encode())
        else:
            super().do_GET()

    def end_headers(self) -> None:
        if self.sandbox:
            self.send_header("Content-Security-Policy", "sandbox allow-scripts")
        super().end_headers()

    def log_message(self, *args: Any) -> None:
        """Says nothing."""


@contextmanager
def serving(report: Path, sandbox: bool) -> Iterator[str]:
    """The address of a server of its own."""
    handler = partial(_Handler, directory=str(report), sandbox=sandbox)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()


@pytest.fixture
def report(tiny_report) -> Path:
    folder: Path = tiny_report("llama")
    return folder


@pytest.mark.parametrize("view", ["atlas", "head", "document", "heads"])
def test_every_view_opens_where_the_server_sandboxes_it(browser: Browser, report: Path, view: str):
    with serving(report, sandbox=True) as address:
        there = Visit(browser.new_context(), f"{address}report/")
        there.open(view=view, head="L1H2", doc=1)
        assert there.page.evaluate("self.origin") == "null"
        there.page.keyboard.press("1")
        there.becomes(view="atlas")
        data = [url for url in there.requested if "/data/" in url]
        assert data
        assert all(url.endswith(".arrow.js") for url in data)
        assert there.complaints == []
        there.close()


def test_a_report_opens_in_a_sandboxed_frame(browser: Browser, report: Path):
    with serving(report, sandbox=False) as address:
        there = Visit(browser.new_context(), address)
        there.go("")
        frame = there.page.frame_locator("iframe")
        expect(frame.locator("html[data-ready=true]")).to_be_attached()
        expect(frame.locator(".cell-holder").first).to_be_attached()
        assert there.complaints == []
        there.close()


def test_without_twins_it_says_what_is_missing(browser: Browser, report: Path, tmp_path: Path):
    folder = Path(shutil.copytree(report, tmp_path / "report"))
    (folder / "manifest.js").unlink()
    with serving(folder, sandbox=True) as address:
        there = Visit(browser.new_context(), f"{address}report/").go().drawn("error")
        there.says("#boot-message", "manifest.js is not there. This page is in a sandbox")
        there.close()
