"""Takes the documentation's pictures of the quickstart's report, in both themes.

python docs/take_pictures.py build/quickstart    # writes docs/images/*.png; needs Chromium

ATTNVIZ_CHROMIUM names a browser. The pictures are the same for the same report, browser and fonts.
"""

from __future__ import annotations

import os
import sys
from io import BytesIO
from pathlib import Path
from typing import Final

from PIL import Image
from playwright.sync_api import Page, sync_playwright

IMAGES: Final = Path(__file__).parent / "images"
WINDOW: Final = {"width": 1440, "height": 900}

VIEWS: Final = {
    "atlas": "#head=L2H9",
    "head": "#view=head&head=L2H9&doc=3&token=5&side=query",
    "colours": "#view=head&head=L2H9&color=token",
    "document": "#view=document&head=L2H9&doc=124&token=266&side=query",
    "heads": "#view=heads&head=L0H2&sort=-first",
}
"""Each picture, by the link that leads to it."""


def take_pictures(report: Path) -> None:
    """Write every view in light and in dark."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=os.environ.get("ATTNVIZ_CHROMIUM"), args=["--no-sandbox"]
        )
        for theme, suffix in (("light", ""), ("dark", "-dark")):
            context = browser.new_context(
                viewport=WINDOW, color_scheme=theme, reduced_motion="reduce"
            )
            for name, link in VIEWS.items():
                _take(context.new_page(), report, link, IMAGES / f"{name}{suffix}.png")


def _take(page: Page, report: Path, link: str, picture: Path) -> None:
    page.goto((report / "index.html").resolve().as_uri() + link)
    page.wait_for_selector('html[data-ready="true"]')
    page.mouse.move(1, 1)
    # What is drawn after the view itself: legends, texts, the inspector.
    page.wait_for_timeout(1500)
    # 256 colours take less than half the bytes.
    Image.open(BytesIO(page.screenshot())).convert("RGB").quantize(256).save(picture, optimize=True)
    page.close()


if __name__ == "__main__":
    take_pictures(Path(sys.argv[1]))
