"""Video as sheets of frames, audio as waveforms: where a patch lies on the page is where it is in
the video."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.panels import panel, token
from tests.browser.reports import BRIGHT_FRAME
from tests.browser.visit import eventually
from tests.fixtures.video_models import SIDE


@pytest.mark.parametrize("stack", ["time", "space"])
def test_all_patches_lie_on_one_sheet_and_the_bright_one_on_its_frame(
    visit, video_and_audio, stack
):
    there = visit(video_and_audio.folder).open(
        view="document", model="video", head=f"{stack}.L0H0", doc=0
    )
    sheets = panel(there, 0).locator(".picture")
    expect(sheets).to_have_count(1)
    axis = video_and_audio.documents[0].axes[stack]
    name = "frame {} r{} c{}".format(*(at + 1 for at in BRIGHT_FRAME))
    lit = axis.texts.index(name)
    seeker = lit + 1 if stack == "time" else lit - 1  # in its window, but not itself
    token(there, seeker).hover()
    expect(panel(there, 0).locator(f"[data-token='{lit}']")).to_have_attribute(
        "aria-label", "frame 3 row 2, column 1"
    )
    there.says(".dock .partners-section:visible >> nth=0", name)
    box, sheet = token(there, lit).bounding_box(), sheets.bounding_box()
    down = (box["y"] + box["height"] / 2 - sheet["y"]) / sheet["height"]
    across = (box["x"] + box["width"] / 2 - sheet["x"]) / sheet["width"]
    frame, row, column = BRIGHT_FRAME
    assert down == pytest.approx((frame // 2 + (row + 0.5) / SIDE) / 2, abs=0.02)
    assert across == pytest.approx((frame % 2 + (column + 0.5) / SIDE) / 2, abs=0.02)


def test_frames_of_audio_lie_on_its_waveform(visit, video_and_audio):
    there = visit(video_and_audio.folder).open(
        view="document", model="audio", head="L0H1", doc=1, token=110
    )
    waveform = panel(there, 0).locator(".picture").bounding_box()
    frame = token(there, 110).bounding_box()
    assert (frame["x"] - waveform["x"]) / waveform["width"] == pytest.approx(0.1, abs=0.01)
    assert (frame["y"] - waveform["y"]) / waveform["height"] == pytest.approx(0.5, abs=0.02)
    eventually(lambda: "2.20 s" in there.find("main").inner_text())
    assert "Frame 2.20 s" in there.find("main").inner_text()
