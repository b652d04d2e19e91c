"""Recordings with what is said in them: letters look at frames of the waveform, and frames at
letters, with the report's own numbers."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.panels import panel, token
from tests.browser.shares import check_list
from tests.browser.visit import eventually
from tests.fixtures.audio_models import noise, save_wav
from tests.fixtures.speech_models import save_whisper


@pytest.fixture(scope="module")
def speech(tmp_path_factory):
    folder = tmp_path_factory.mktemp("speech")
    entry = {"audio": str(save_wav(folder / "talk.wav", noise(0.7))), "text": ["hello"]}
    corpus = {
        "models": [
            {"name": "w", "source": str(save_whisper(folder / "model")), "source_lang": "de"}
        ],
        "documents": [entry],
        "maps": {"methods": ["pca"]},
    }
    return attnviz.build(corpus, out=folder / "report", cache=folder / "cache")


def test_letters_look_at_frames_of_the_waveform(visit, speech):
    there = visit(speech.folder).open(view="document", head="cross.L1H2", doc=0)
    frames, letters = (speech.documents[0].axes[name] for name in ("audio", "target"))
    expect(panel(there, 0).locator(".picture")).to_have_count(1)
    expect(panel(there, 0).locator(".token")).to_have_count(len(frames))
    assert panel(there, 1).locator(".token").all_inner_texts() == list(letters.names)
    attention = speech.attention(1, 2, 0, stack="cross")
    letter = letters.names.index("h")
    token(there, letter, 1).click()
    there.becomes(token=letter, side="query")
    check_list(there.find(".dock .partners-section:visible"), attention[letter])
    key = int(attention.sum(0).argmax())
    token(there, key).click()
    there.becomes(token=key, side="key")
    check_list(there.find(".dock .partners-section:visible"), attention[:, key])


def test_each_letter_has_its_waveform(visit, speech):
    there = visit(speech.folder).open(view="document", head="cross.L1H2", doc=0)
    letters = speech.documents[0].axes["target"]
    attention = speech.attention(1, 2, 0, stack="cross").astype(float)
    words = (~letters.special).nonzero()[0].tolist()
    script = "all => all.map(e => [Number(e.dataset.word), Number(e.dataset.share)])"
    eventually(lambda: there.find(".word").count() == len(words))
    drawn = there.find(".word").evaluate_all(script)
    assert [word for word, _ in drawn] == words
    assert [share for _, share in drawn] == pytest.approx(attention[words].sum(1), abs=1e-6)
    strongest = attention[words[0]].argmax()
    second = f"{speech.documents[0].axes['audio'].texts[strongest]}"
    token(there, words[0], 1).click()
    expect(there.find(".play")).to_have_text(f" Play from {float(second.split()[0]):.2f} s")


def test_silence_after_a_recording_is_left_out_with_special_tokens(visit, speech):
    there = visit(speech.folder).open(view="document", head="encoder.L0H0", doc=0, token=5)
    silent = set(speech.documents[0].axes["audio"].special.nonzero()[0].tolist())
    assert silent == set(range(35, 50))
    partners = there.find(".dock .partners-section:visible >> nth=0").locator(".partner")

    def frames():
        tokens = partners.evaluate_all("all => all.map(e => e.dataset.token)")
        return {int(token) for token in tokens}

    eventually(lambda: frames() & silent)
    assert frames() & silent
    there.page.get_by_label("Hide special tokens and sinks").check()
    eventually(lambda: frames() and not frames() & silent)
    assert frames()
    assert not frames() & silent
