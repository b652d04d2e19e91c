"""Prints the path of a Chromium that opens a local page, and installs one where there is none.

In this order: $ATTNVIZ_CHROMIUM, a browser of the system, one that Playwright has downloaded
before; then Debian's package where the user is root; then Playwright's download, with a time limit.
If all of that fails, the message says what to do, and the exit code is 1. Only the path goes to
standard output.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "microsoft-edge")
MAC = (
    "/Applications/Chromium.app/Contents/MacOS/Chromium",
    "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
)
SECONDS_TO_START = 60
SECONDS_TO_INSTALL = 600
MARK = "attnviz opened this page"
HELP = """\
The tests need a Chromium, and none was found that opens a local page.
  Debian:        sudo apt-get install chromium
  macOS:         brew install --cask chromium
  anywhere:      .venv/bin/python -m playwright install chromium
  already have:  make test ATTNVIZ_CHROMIUM=/path/to/chromium"""


def installed() -> Iterator[str]:
    """Browsers that are installed, best first."""
    yield from filter(None, (shutil.which(name) for name in NAMES))
    yield from (path for path in MAC if Path(path).exists())
    yield from playwright_browser()


def playwright_browser() -> Iterator[str]:
    """Playwright's own Chromium, if it has been downloaded."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return
    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    if Path(path).exists():
        yield path


def opens_pages(browser: str) -> bool:
    """Whether it starts and shows a page from the folder for temporary files; a snap's browser may
    not read there."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        page = Path(folder, "page.html")
        page.write_text(f"<!doctype html><title>{MARK}</title>", encoding="utf-8")
        flags = [
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            f"--user-data-dir={folder}/profile",
        ]
        return MARK in output([browser, *flags, "--dump-dom", page.as_uri()], SECONDS_TO_START)


def output(command: list[str], seconds: int) -> str:
    """Standard output of a command; empty where it fails or takes too long."""
    try:
        done = subprocess.run(command, capture_output=True, timeout=seconds, check=True)
    except (OSError, subprocess.SubprocessError):
        return ""
    return done.stdout.decode("utf-8", "replace")


def installers() -> Iterator[list[list[str]]]:
    """Ways to install a Chromium here, each a few commands."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        yield [
            ["apt-get", "update", "-qq"],
            ["apt-get", "install", "-y", "-qq", "--no-install-recommends", "chromium"],
        ]
    yield [[sys.executable, "-m", "playwright", "install", "chromium", "--no-shell"]]


def install(commands: list[list[str]]) -> None:
    """Run the commands until one fails, their output on standard error."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    for command in commands:
        print("Installing a browser:", " ".join(command), file=sys.stderr)
        try:
            subprocess.run(
                command, stdout=sys.stderr, timeout=SECONDS_TO_INSTALL, check=True, env=environment
            )
        except (OSError, subprocess.SubprocessError) as error:
            print(f"  that did not work: {error}", file=sys.stderr)
            return


def chromium() -> str | None:
    """A browser that works, installed if need be. One that is named must work; no other takes its
    place."""
    path = os.environ.get("ATTNVIZ_CHROMIUM")
    if path:
        return path if opens_pages(path) else None
    working = next(filter(opens_pages, installed()), None)
    for commands in () if working else installers():
        install(commands)
        working = next(filter(opens_pages, installed()), None)
        if working:
            break
    return working


def main() -> int:
    path = chromium()
    if path is None:
        asked = os.environ.get("ATTNVIZ_CHROMIUM")
        print(
            f"ATTNVIZ_CHROMIUM={asked} does not open pages.\n{HELP}" if asked else HELP,
            file=sys.stderr,
        )
        return 1
    print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main())
