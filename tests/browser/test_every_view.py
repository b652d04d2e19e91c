"""Every view in both themes at three widths: a picture of each, nothing that sticks out, is cut off
or lies over something else, and nothing that axe finds.

$ATTNVIZ_SCREENSHOTS names a folder for the pictures; without it they are made and thrown away.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.reach import fits, serious
from tests.browser.views import SELECTION, VIEWS
from tests.browser.visit import Visit

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


def faults(there: Visit, kinds: tuple[str, ...]) -> None:
    """Fails where something sticks out, or has a fault of these kinds."""
    fits(there)
    for kind in kinds:
        width = there.page.evaluate("innerWidth")
        assert there.page.evaluate(f"{LAYOUT.strip()}.{kind}()") == [], (width, kind)


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
        faults(there, ("cutOff", "covered"))


@pytest.mark.parametrize("width", [360, 1440])
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("view", VIEWS)
def test_nothing_keeps_readers_out_of_a_view(visit, quickstart_report, view, scheme, width):
    size = {"width": width, "height": WIDTHS[width]}
    there = visit(quickstart_report, color_scheme=scheme, viewport=size)
    there.open(view=view, **SELECTION)
    assert serious(there) == []


@pytest.mark.parametrize(
    ("width", "scheme"), [(360, "light"), (360, "dark"), (768, "light"), (1440, "dark")]
)
def test_what_says_why_fits_and_keeps_nobody_out(visit, explained, pictures, width, scheme):
    """A panel with all that a report may say of a head, an atlas with links of composition, and a
    text in the colours of what a head adds to logits."""
    size = {"width": width, "height": WIDTHS[width]}
    there = visit(explained, color_scheme=scheme, viewport=size, reduced_motion="reduce")
    there.open(view="atlas", head="L1H1")
    expect(there.find(".link-badge")).to_have_count(1)
    faults(there, ("cutOff", "covered"))
    assert serious(there) == []
    there.open(view="document", head="L1H1", doc=0, token=9, added=1)
    expect(there.find(".added ol")).to_have_count(3)
    there.page.screenshot(path=pictures / f"added-{scheme}-{width}.png")
    faults(there, ("cutOff", "covered"))
    assert serious(there) == []
    there.open(view="document", head="L1H1", doc=0, token=9, key=2)
    beside = width == 1440
    if not beside:
        there.find(".sheet-grip").click()
    for name in ("why", "written"):
        there.find(f"[data-list={name}] summary").click()
    expect(there.find(".why-components, .score-bars, .written, .composed")).to_have_count(4)
    there.find("[data-list=why]").scroll_into_view_if_needed()
    there.page.screenshot(path=pictures / f"why-{scheme}-{width}.png")
    # An open sheet lies over the view as it should.
    faults(there, ("cutOff", "covered") if beside else ("cutOff",))
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
