"""Video as a strip of frames, audio as waveforms: where a patch lies on the page is where it is in
the video."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

from tests.browser.panels import panel, token
from tests.browser.reports import BRIGHT_FRAME
from tests.browser.visit import eventually
from tests.fixtures.video_models import FRAMES, SIDE

SPACE = {"view": "document", "model": "video", "head": "space.L0H0", "doc": 0}


@pytest.mark.parametrize("stack", ["time", "space"])
def test_the_bright_patch_lies_on_its_frame_of_the_strip(visit, video_and_audio, stack):
    there = visit(video_and_audio.folder).open(
        view="document", model="video", head=f"{stack}.L0H0", doc=0
    )
    frames = panel(there, 0).locator(".frame")
    assert frames.locator(".frame-title").all_inner_texts() == [
        f"frame {number + 1}" for number in range(FRAMES)
    ]
    axis = video_and_audio.documents[0].axes[stack]
    name = "frame {} r{} c{}".format(*(at + 1 for at in BRIGHT_FRAME))
    lit = axis.texts.index(name)
    seeker = lit + 1 if stack == "time" else lit - 1  # in its window, but not itself
    token(there, seeker).hover()
    expect(panel(there, 0).locator(f"[data-token='{lit}']")).to_have_attribute(
        "aria-label", "frame 3 row 2, column 1"
    )
    there.says(".dock .partners-section:visible >> nth=0", name)
    frame, row, column = BRIGHT_FRAME
    box = token(there, lit).bounding_box()
    picture = frames.nth(frame).locator(".picture").bounding_box()
    down = (box["y"] + box["height"] / 2 - picture["y"]) / picture["height"]
    across = (box["x"] + box["width"] / 2 - picture["x"]) / picture["width"]
    assert down == pytest.approx((row + 0.5) / SIDE, abs=0.02)
    assert across == pytest.approx((column + 0.5) / SIDE, abs=0.02)
    canvas = frames.locator("canvas")
    middle = "e => e.getContext('2d').getImageData(e.width / 6, e.height / 2, 1, 1).data[0]"
    eventually(lambda: canvas.nth(frame).evaluate(middle) > 200)
    bright = [canvas.nth(number).evaluate(middle) > 200 for number in range(FRAMES)]
    assert bright == [number == frame for number in range(FRAMES)]


def test_frames_have_their_shares_of_the_attention(visit, video_and_audio):
    query = 14
    attention = video_and_audio.attention(1, 1, 0, stack="space", model="video").astype(float)
    axis = video_and_audio.documents[0].axes["space"]
    frames = [int(text.split()[1]) - 1 if row >= 0 else -1 for text, row in zip(
        axis.texts, axis.row, strict=True)]  # fmt: skip
    of_frame = np.array(frames)[None] == np.arange(FRAMES)[:, None]
    there = visit(video_and_audio.folder).open(**SPACE | {"head": "space.L1H1", "token": query})

    def shares(number, name):
        script = "all => all.map(e => Number(e.dataset.share))"
        return panel(there, number).locator(f".frame-share.{name}").evaluate_all(script)

    eventually(lambda: sum(shares(0, "row")) > 0)
    assert shares(0, "row") == pytest.approx(of_frame @ attention[query], abs=1e-6)
    given = of_frame @ attention[:, query] / of_frame.sum(1)
    assert shares(1, "column") == pytest.approx(given, abs=1e-6)
    there.says(".token-card", axis.texts[query])
    assert "Row, column" not in there.find(".token-card").inner_text()  # of a sheet, not of a frame
    says = panel(there, 0).locator(".frame-share.row").nth(frames[query])
    assert "of the attention goes to this frame" in says.inner_text()


def test_a_frame_is_enlarged_by_its_name_and_by_the_link(visit, video_and_audio):
    there = visit(video_and_audio.folder).open(**SPACE)
    frames = panel(there, 0).locator(".frame")
    small = frames.nth(2).bounding_box()["width"]
    frames.nth(2).locator(".frame-name").focus()
    there.page.keyboard.press("Enter")
    there.becomes(frame=2)
    expect(frames.nth(2).locator(".frame-name")).to_have_attribute("aria-pressed", "true")
    assert frames.nth(2).bounding_box()["width"] > 1.4 * small
    again = visit(video_and_audio.folder).open(**SPACE, frame=2)
    expect(panel(again, 0).locator(".frame.chosen .frame-title")).to_have_text("frame 3")
    frames.nth(2).locator(".frame-name").click()
    there.becomes(frame=None)
    there.page.go_back()
    there.becomes(frame=2)


def test_keys_go_on_from_frame_to_frame(visit, video_and_audio):
    there = visit(video_and_audio.folder).open(**SPACE)
    texts = video_and_audio.documents[0].axes["space"].texts
    token(there, texts.index("frame 1 r2 c3")).focus()
    for key, name in [
        ("ArrowRight", "frame 2 r2 c1"),
        ("ArrowDown", "frame 2 r3 c1"),
        ("ArrowDown", "frame 2 r3 c1"),
        ("ArrowLeft", "frame 1 r3 c3"),
    ]:
        there.page.keyboard.press(key)
        expect(token(there, texts.index(name))).to_be_focused()


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
