"""The viewer at large reports in headless Chromium with its software renderer."""

from __future__ import annotations

import gzip
import runpy
import statistics
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlencode

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from tests.benchmarks.figures import Cell, Figure, Result
from tests.benchmarks.serving import modules
from tests.benchmarks.viewer_reports import HEADS, SENTENCES, long_documents, many_heads

ROOT: Final = Path(__file__).parents[2]
SCRIPTS: Final = Path(__file__).parent / "scripts"
DIST: Final = ROOT / "site_templates" / "dist"
FIRST: Final = ("boot.js", "viewer.js")
"""The scripts that the atlas waits for; those of other views come when they are opened."""
WINDOW: Final = {"width": 1440, "height": 900}
ROUNDS: Final = 5
VISITED: Final = 50
SETTLED: Final = 3000
"""Milliseconds after which a page has fetched the scripts of other views and does nothing else."""
DOCUMENTS: Final = {"512": 0, "8,192": 1}

LIMITS: Final = {
    "atlas complete": (1500, "ms"),
    "bytes until then": (600, "kB"),
    "longest task while loading": (200, "ms"),
    "data files of a deep link": (5, "files"),
    "bytes of a deep link": (1000, "kB"),
    "frame while 20,000 points are dragged": (30, "ms"),
    "frame while they are zoomed": (30, "ms"),
    "pick among 1,000,000 points": (5, "ms"),
    "hover, 512 tokens": (16, "ms"),
    "hover, 8,192 tokens": (60, "ms"),
    "hover, 512 tokens, processor": (16, "ms"),
    "hover, 8,192 tokens, processor": (60, "ms"),
    "row of 8,192 tokens": (5, "ms"),
    "longest task of 512 × 512 lines of 12 heads": (200, "ms"),
    f"heap after {VISITED} heads": (1.1, "× the start's"),
    "script, gzipped": (110, "kB"),
}


def measure() -> Result:
    """144 heads × 10,000 points, and documents of 8,192 tokens, opened from file://, against what
    a reader may wait"""
    with tempfile.TemporaryDirectory() as folder:
        return measure_reports(Path(folder))


def measure_reports(folder: Path) -> Result:
    """The same, of reports in this folder, which are built where they are not there yet."""
    cache = folder / "cache"
    heads, documents = folder / "many-heads", folder / "long-documents"
    if not (heads / "index.html").exists():
        many_heads(folder, cache)
    if not (documents / "index.html").exists():
        long_documents(folder, cache)
    with _chromium() as browser:
        measured = _start(browser, heads) | _deep_link(browser, heads) | _frames(browser, documents)
        measured |= _hover(browser, documents) | _lines(browser, heads)
        measured |= _pick(browser) | _memory(browser, heads)
    measured["script, gzipped"] = [
        sum(len(gzip.compress((DIST / name).read_bytes(), 9)) for name in FIRST) / 1e3
    ]
    rows: list[tuple[Cell, ...]] = [
        (what, min(values), statistics.median(values), max(values), LIMITS[what][1])
        for what, values in measured.items()
    ]
    figures = [
        Figure(what, statistics.median(measured[what]), unit, "limit", limit, 1)
        for what, (limit, unit) in LIMITS.items()
    ]
    return Result(("", "least", "median", "most", ""), rows, figures)


def find_chromium() -> str:
    """The browser that the tests drive, too."""
    find = runpy.run_path(str(ROOT / "tests" / "browser" / "find_chromium.py"))
    return str(find["chromium"]())


@contextmanager
def _chromium() -> Iterator[Browser]:
    flags = ["--no-sandbox", "--disable-quic", "--no-first-run", "--enable-precise-memory-info"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=flags)
        yield browser
        browser.close()


@contextmanager
def _opened(browser: Browser, report: Path, **selection: Any) -> Iterator[tuple[Page, list[Path]]]:
    """A page of a report once it is drawn, in a context of its own, and the files it asked for."""
    context = browser.new_context(viewport=WINDOW, offline=True)
    for script in ("watch.js", "frames.js"):
        context.add_init_script(path=SCRIPTS / script)
    files: list[Path] = []
    context.on(
        "request",
        lambda request: files.append(
            Path(unquote(request.url.split("#")[0].removeprefix("file://")))
        ),
    )
    page = context.new_page()
    page.set_default_timeout(120_000)
    page.goto(f"{report.resolve().as_uri()}/index.html#{urlencode(selection)}")
    page.locator("html[data-ready=true]").wait_for(state="attached")
    yield page, files
    context.close()


def _bytes(files: list[Path]) -> float:
    """kB on disk of the files of a report."""
    return sum(file.stat().st_size for file in files if file.is_file()) / 1e3


def _start(browser: Browser, report: Path) -> dict[str, list[float]]:
    """The atlas from navigation on. Bytes are of the files as they lie, twins as twins."""
    times, sizes, tasks = [], [], []
    for _ in range(ROUNDS):
        with _opened(browser, report) as (page, files):
            watched = page.evaluate("watched")
            times.append(watched["ready"])
            tasks.append(max([0, *watched["tasks"]]))
            sizes.append(_bytes(files))
    return {
        "atlas complete": times,
        "bytes until then": sizes,
        "longest task while loading": tasks,
    }


def _deep_link(browser: Browser, report: Path) -> dict[str, list[float]]:
    """A link to a head, a document and a token, once nothing more is asked for."""
    selection = {"view": "head", "head": "L5H3", "doc": 40, "token": 5}
    with _opened(browser, report, **selection) as (page, files):
        page.wait_for_timeout(1000)
        data = [file for file in files if file.parent.name == "data"]
        return {
            "data files of a deep link": [len(data)],
            "bytes of a deep link": [_bytes(data)],
        }


def _frames(browser: Browser, report: Path) -> dict[str, list[float]]:
    """Times between frames while a map is moved with the pointer, a step a frame."""
    with _opened(browser, report, view="head", head="L0H0") as (page, _):
        page.wait_for_timeout(SETTLED)
        host = ".map-host"
        return {
            "frame while 20,000 points are dragged": page.evaluate(f"dragFrames('{host}')"),
            "frame while they are zoomed": page.evaluate(f"zoomFrames('{host}')"),
        }


def _hover(browser: Browser, report: Path) -> dict[str, list[float]]:
    """From the event of a pointer that comes to another token to the end of the frame that shows
    its row."""
    measured = {}
    for tokens, document in DOCUMENTS.items():
        where = {"view": "document", "head": "L0H2", "doc": document}
        with _opened(browser, report, **where) as (page, _):
            page.wait_for_timeout(SETTLED)
            session = page.context.new_cdp_session(page)
            session.send("Performance.enable", {"timeDomain": "threadTicks"})
            before = _processor(session)
            times = _pointed(page, ".token-text [data-token]")
            measured[f"hover, {tokens} tokens"] = times
            worked = (_processor(session) - before) / len(times)
            measured[f"hover, {tokens} tokens, processor"] = [worked]
            if document == DOCUMENTS["8,192"]:
                rows = page.evaluate(f"rowTimes({document})")
                measured[f"row of {tokens} tokens"] = rows
    return measured


def _pointed(page: Page, selector: str) -> list[float]:
    """Milliseconds of each of many hovers, by a pointer as the browser has it."""
    page.evaluate(f"watchHovers({selector!r})")
    for x, y in page.evaluate(f"placesToHover({selector!r})"):
        page.mouse.move(x, y)
        page.wait_for_timeout(50)
    return list(page.evaluate("hoverTimes"))


def _lines(browser: Browser, report: Path) -> dict[str, list[float]]:
    """Lines of a layer's heads in a document of 512 tokens, opened and pointed at: the longest task
    of each visit, 0 where none took 50 ms."""
    heads = [f"L0H{number}" for number in range(HEADS)]
    selection = {"view": "lines", "head": "L0H0", "heads": ",".join(heads), "doc": SENTENCES}
    longest = []
    for _ in range(ROUNDS):
        with _opened(browser, report, **selection) as (page, _files):
            _pointed(page, ".lines-token")
            longest.append(max([0, *page.evaluate("watched.all")]))
    return {"longest task of 512 × 512 lines of 12 heads": longest}


def _processor(session: CDPSession) -> float:
    """Milliseconds of a processor that the page's main thread has had for tasks."""
    metrics = session.send("Performance.getMetrics")["metrics"]
    return 1e3 * float(next(each["value"] for each in metrics if each["name"] == "TaskDuration"))


def _pick(browser: Browser) -> dict[str, list[float]]:
    """The viewer's own module for picking, once its grid is made."""
    with modules(ROOT / "site_templates" / "src") as address:
        page = browser.new_page()
        page.goto(f"{address}draw/types.d.ts")
        script = (SCRIPTS / "pick.js").read_text("utf-8")
        return {"pick among 1,000,000 points": page.evaluate(script)}


def _memory(browser: Browser, report: Path) -> dict[str, list[float]]:
    """Heap and buffers in use after a walk over many heads and back, over those of one round
    before: what is kept on purpose has its limit."""
    with _opened(browser, report, view="head", head="L0H0") as (page, _):
        session = page.context.new_cdp_session(page)

        def used() -> float:
            session.send("HeapProfiler.collectGarbage")
            metrics = session.send("Runtime.getHeapUsage")
            return float(metrics["usedSize"] + metrics["backingStorageSize"])

        def walk() -> None:
            for number in [*range(1, VISITED), 0]:
                page.evaluate(f"location.hash = 'view=head&head=L{number // 12}H{number % 12}'")
                page.locator("html[data-ready=true]").wait_for(state="attached")

        walk()
        before = used()
        walk()
        return {f"heap after {VISITED} heads": [used() / before]}
