"""Pictures, video and sound for readers who do not see the page, in both themes and on a phone."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.exports import Drawing, export, press_export
from tests.browser.panels import token
from tests.browser.reach import serious

PHONE = {"width": 360, "height": 800}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("where", [
    {"model": "video", "head": "space.L1H0", "doc": 0, "token": 5, "frame": 1},
    {"model": "audio", "head": "L0H1", "doc": 1, "token": 60, "overlay": 0.4},
], ids=["video", "audio"])  # fmt: skip
def test_nothing_keeps_readers_out_of_media(visit, video_and_audio, where, scheme):
    there = visit(video_and_audio.folder, color_scheme=scheme).open(view="document", **where)
    assert serious(there) == []
    there.page.set_viewport_size(PHONE)
    there.drawn()
    expect(token(there, where["token"])).to_be_visible()
    assert serious(there) == []
    width = there.page.evaluate("document.documentElement.scrollWidth")
    assert width <= PHONE["width"]
    assert there.find(".document").evaluate("e => e.scrollWidth - e.clientWidth") <= 0


def test_both_directions_of_one_text_are_exported(visit, bright_image, tmp_path):
    there = visit(bright_image.folder).open(
        view="document", head="L1H2", doc=0, token=6, texts="one", arrows=0
    )
    press_export(there)
    drawing = Drawing(export(there, "SVG", tmp_path))
    script = (
        """all => all.filter(e => /gradient/.test(getComputedStyle(e).backgroundImage)).length"""
    )
    lines = there.find(".text-panel >> nth=0 >> .token").evaluate_all(script)
    thin = [r for r in drawing.root.iter("{http://www.w3.org/2000/svg}rect")
            if r.get("height") == "5" and float(r.get("width").rstrip("%")) > 10]  # fmt: skip
    assert lines > 3
    assert len(thin) == lines
