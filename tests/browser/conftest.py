"""A browser for each worker, a visit for each test. A visit that ends with complaints fails its
test."""

from __future__ import annotations

import os
import re
import runpy
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, expect, sync_playwright

import attnviz
from attnviz.serve import address, make_server
from tests.browser.reports import (
    build_bright_image,
    build_explained,
    build_mixed,
    build_translations,
    build_vectors,
    build_video_and_audio,
)
from tests.browser.visit import PATIENCE_S, Visit
from tests.conftest import Shared
from tests.fixtures.mapped import build_image_patches, build_labelled, build_translated

PREFIX = "/some/sub-path/"
WINDOW = {"width": 1280, "height": 860}
FLAGS = [
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-dev-shm-usage",
]

expect.set_options(timeout=PATIENCE_S * 1000)


@pytest.fixture(scope="session")
def chromium() -> str:
    """The browser's path: $ATTNVIZ_CHROMIUM, as `make test` sets it, or one that is installed."""
    path = os.environ.get("ATTNVIZ_CHROMIUM")
    path = path or runpy.run_path(str(Path(__file__).with_name("find_chromium.py")))["chromium"]()
    assert path, "no Chromium that works: see tests/browser/find_chromium.py"
    return str(path)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Inside a container, or for root, Chromium's own sandbox cannot be set up.
    flags = [*FLAGS, "--no-sandbox"]
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=flags)
        yield started
        started.close()


Go = Callable[..., Visit]
"""`visit(report, over="file" | "http", tolerate="…", **options)`: a visit; see the fixture."""


@pytest.fixture
def visit(browser: Browser) -> Iterator[Go]:
    """Visits to reports, over file:// with the network off, or from a server under a sub-path.

    `tolerate` is a pattern of complaints that the test expects; options are those of a Playwright
    context.
    """
    visits: list[Visit] = []
    with ExitStack() as ending:

        def start(
            report: Path, over: str = "file", tolerate: str | None = None, **options: Any
        ) -> Visit:
            served = over == "http"
            where = (
                ending.enter_context(_serving(report))
                if served
                else f"{report.resolve().as_uri()}/"
            )
            context = browser.new_context(**{"viewport": WINDOW, "offline": not served} | options)
            started = Visit(context, where)
            started.tolerated = re.compile(tolerate) if tolerate else None
            ending.callback(started.close)
            visits.append(started)
            return started

        yield start
        complaints = [complaint for page in visits for complaint in page.complaints]
    assert complaints == []


@contextmanager
def _serving(report: Path) -> Iterator[str]:
    """A report's address on a server of its own."""
    with make_server(report, prefix=PREFIX) as server:
        threading.Thread(
            target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True
        ).start()
        yield address(server, PREFIX)
        server.shutdown()


# ---- reports, each built once a run by whichever worker comes first


@pytest.fixture(scope="session")
def quickstart(quickstart_report: Path) -> attnviz.Report:
    """The quickstart's report, opened."""
    return attnviz.open_report(quickstart_report)


@pytest.fixture(scope="session")
def labelled(shared: Shared) -> Path:
    """The folder of a report whose documents and tokens have labels, with solid maps."""
    return shared("labelled", build_labelled) / "report"


@pytest.fixture(scope="session")
def image_patches(shared: Shared) -> Path:
    """The folder of a report on images of coloured patches, with solid maps."""
    return shared("image_patches", build_image_patches) / "report"


@pytest.fixture(scope="session")
def translated(shared: Shared) -> Path:
    """The folder of a report on translations."""
    return shared("translations", build_translations) / "report"


@pytest.fixture(scope="session")
def translated_solid(shared: Shared) -> Path:
    """The folder of a report on translations whose maps are of three dimensions alone."""
    return shared("translated", build_translated) / "report"


@pytest.fixture(scope="session")
def mixed(shared: Shared) -> attnviz.Report:
    """Three models, a pair and a translation."""
    return attnviz.open_report(shared("mixed", build_mixed) / "report")


@pytest.fixture(scope="session")
def vectors(shared: Shared) -> attnviz.Report:
    """Models with all that a score may have, and vectors of the second of two documents."""
    return attnviz.open_report(shared("vectors", build_vectors) / "report")


@pytest.fixture(scope="session")
def explained(shared: Shared) -> Path:
    """The folder of a report of the circuit wired by hand, with writes and components."""
    return shared("explained", build_explained) / "report"


@pytest.fixture(scope="session")
def bright_image(shared: Shared) -> attnviz.Report:
    """An image with one bright patch, which every query of the first layer seeks."""
    return attnviz.open_report(shared("bright-image", build_bright_image) / "report")


@pytest.fixture(scope="session")
def video_and_audio(shared: Shared) -> attnviz.Report:
    """A video with one bright patch, and a recording."""
    return attnviz.open_report(shared("video-and-audio", build_video_and_audio) / "report")


@pytest.fixture(params=["file", "http"])
def over(request: pytest.FixtureRequest) -> str:
    """How the report is opened."""
    return str(request.param)
