"""Every view in both themes at three widths: a picture of each, nothing that sticks out, is cut off
or lies over something else, and nothing that axe finds.

$ATTNVIZ_SCREENSHOTS names a folder for the pictures; without it they are made and thrown away.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.browser.reach import fits, serious
from tests.browser.views import SELECTION, VIEWS

WIDTHS = {360: 740, 768: 1024, 1440: 900}
"""Of a phone, a tablet and a desk, with their heights."""

LAYOUT = Path(__file__).with_name("layout.js").read_text("utf-8")
"""An object of functions that say what is wrong with a layout."""


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder for the pictures."""
    folder = os.environ.get("ATTNVIZ_SCREENSHOTS")
    if not folder:
        return tmp_path_factory.mktemp("pictures")
    Path(folder).mkdir(parents=True, exist_ok=True)
    return Path(folder)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_a_view_fits_every_width(visit, quickstart_report, pictures, view, scheme):
    there = visit(quickstart_report, color_scheme=scheme, reduced_motion="reduce")
    there.open(view=view, **SELECTION)
    for width, height in WIDTHS.items():
        there.page.set_viewport_size({"width": width, "height": height})
        there.page.wait_for_timeout(200)
        picture = pictures / f"{view}-{scheme}-{width}.png"
        there.page.screenshot(path=picture)
        assert picture.stat().st_size > 10_000
        fits(there)
        for fault in ("cutOff", "covered"):
            assert there.page.evaluate(f"{LAYOUT.strip()}.{fault}()") == [], (width, fault)


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_nothing_keeps_readers_out_of_a_view(visit, quickstart_report, view, scheme, width):
    size = {"width": width, "height": WIDTHS[width]}
    there = visit(quickstart_report, color_scheme=scheme, viewport=size)
    there.open(view=view, **SELECTION)
    assert serious(there) == []


def test_the_bar_is_one_line_between_phone_and_desk(visit, quickstart_report):
    there = visit(quickstart_report).open(view="heads")
    (_, _, _, one_line), *_ = there.boxes(".topbar")
    for width in (701, 720, 768, 860, 861, 1000, 1101, 1200, 1300):
        there.page.set_viewport_size({"width": width, "height": 760})
        there.drawn()
        (_, _, across, height), *_ = there.boxes(".topbar")
        page = there.page.evaluate("document.documentElement.scrollWidth")
        assert (width, height, page) == (width, one_line, width)
        assert across == width
