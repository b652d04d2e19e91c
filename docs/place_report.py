"""Puts a built report into the built site, whose first page then shows it live.

python docs/place_report.py build/quickstart site

The report's twins come along, as the site is read from a folder too; a web host does without them
(docs/how-to/publish.md). Without a report the site is whole: its first page has a picture.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Final

PICTURE: Final = 'data-report="missing"'
LIVE: Final = 'data-report="there"'


def place_report(report: Path, site: Path) -> bool:
    """Copy the report to `site`/report and mark the first page. False where there is none."""
    if not (report / "manifest.json").is_file():
        return False
    page = site / "index.html"
    text = page.read_text("utf-8")
    if text.count(PICTURE) != 1:
        raise ValueError(f"{page}: expected {PICTURE} once")
    shutil.rmtree(site / "report", ignore_errors=True)
    shutil.copytree(report, site / "report")
    page.write_text(text.replace(PICTURE, LIVE), "utf-8")
    return True


if __name__ == "__main__":
    report, site = map(Path, sys.argv[1:])
    if place_report(report, site):
        print(f"{site}/index.html shows {report} live.")
    else:
        print(f"There is no report in {report}, so {site}/index.html has a picture of one:")
        print("make report, then make docs again.")
