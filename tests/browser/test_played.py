"""Recordings played: from the attended frame, with a mark under what is heard."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.panels import panel, token
from tests.browser.reach import serious
from tests.browser.visit import eventually

TALK = {"view": "document", "model": "audio", "head": "L0H1", "doc": 1, "token": 60}


def heard(there):
    """Seconds, and whether it is playing."""
    return there.find("audio").evaluate("e => [e.currentTime, !e.paused]")


def test_a_recording_is_played_from_its_frame_under_a_mark(visit, video_and_audio, over):
    there = visit(video_and_audio.folder, over).open(**TALK)
    button = there.find(".play")
    expect(button).to_have_text(" Play from 1.20 s")
    assert not any("sounds-" in address for address in there.requested)
    button.click()
    assert eventually(lambda: heard(there)[0] > 1.3)
    assert any("sounds-" in address for address in there.requested)
    there.page.keyboard.press("p")
    expect(button).to_have_text(" Play from 1.20 s")
    seconds, playing = heard(there)
    assert not playing
    assert seconds < 2.5
    for number in (0, 1):
        picture = panel(there, number).locator(".picture").bounding_box()
        mark = panel(there, number).locator(".play-mark").bounding_box()
        line, across = divmod(seconds / 2, 1)
        left = (mark["x"] + mark["width"] / 2 - picture["x"]) / picture["width"]
        assert left == pytest.approx(across, abs=0.02)
        assert (mark["y"] - picture["y"]) / picture["height"] == pytest.approx(line / 2, abs=0.02)


def test_another_frame_is_where_it_is_played_from_next(visit, video_and_audio):
    there = visit(video_and_audio.folder, reduced_motion="reduce").open(**TALK)
    token(there, 20).click()
    there.becomes(token=20)
    expect(there.find(".play")).to_have_text(" Play from 0.40 s")
    there.page.keyboard.press("p")
    assert eventually(lambda: heard(there)[1])
    assert eventually(lambda: heard(there)[0] > 0.5)
    expect(panel(there, 0).locator(".play-mark")).to_be_visible()
    assert serious(there) == []
    audio = there.find("audio").element_handle()
    there.page.keyboard.press("1")
    there.becomes(view="atlas")
    assert audio.evaluate("e => e.paused")


def test_what_has_no_sound_has_no_button(visit, video_and_audio):
    there = visit(video_and_audio.folder).open(
        view="document", model="video", head="time.L0H0", doc=0
    )
    expect(there.find(".picture-tools")).to_be_visible()
    expect(there.find(".play")).to_be_hidden()
    there.page.keyboard.press("p")
    assert there.find("audio").evaluate("e => e.src") == ""
