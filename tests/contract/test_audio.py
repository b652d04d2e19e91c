"""Recordings: which frame is which time, and attention that is the model's own, also where it gives
but a mean."""

import struct

import numpy as np
import pytest
import torch
import transformers

import attnviz
from attnviz.capture.masks import NotOfTokens
from attnviz.reader.check import check
from tests.fixtures.audio_models import RATE, REACH, STRIDE, noise, save_audio_model, save_wav

LISTENERS = {
    "Wav2Vec2": True,
    "Hubert": True,
    "UniSpeechSat": True,
    "Data2VecAudio": True,
    "WavLM": False,
}
"""Whether queries and keys are kept: WavLM's position bias depends on what is heard."""


@pytest.fixture
def build(tmp_path):
    """`build(model's folder, recordings, **more)`: the report."""

    def run(model, *recordings, **more):
        corpus = {
            "models": [{"name": "listener", "source": str(model)} | more],
            "documents": [{"audio": [str(recording) for recording in recordings]}],
            "fidelity": {"total_variation": 1e-4, "max_error": 1e-4},
        }
        return attnviz.build(corpus, out=tmp_path / "report", cache=tmp_path / "cache")

    return run


def own_attention(model, samples):
    """Each layer's weights (heads, T, T) by transformers and torch alone."""
    eager = transformers.AutoModel.from_pretrained(model, attn_implementation="eager").eval()
    extractor = transformers.AutoFeatureExtractor.from_pretrained(model)
    inputs = extractor(samples / 32768, sampling_rate=RATE, return_tensors="pt")["input_values"]
    weights = []
    attend = torch.nn.functional.multi_head_attention_forward

    def by_head(*args, **more):
        weights.append(attend(*args, **more | {"average_attn_weights": False})[1][0].numpy())
        return attend(*args, **more)

    torch.nn.functional.multi_head_attention_forward = by_head
    try:
        with torch.inference_mode():
            output = eager(inputs, output_attentions=True)
    finally:
        torch.nn.functional.multi_head_attention_forward = attend
    return weights or [weights[0].numpy() for weights in output.attentions]


@pytest.mark.parametrize("kind", LISTENERS)
def test_attention_is_the_model_s_own(build, tmp_path, tmp_path_factory, kind):
    model = save_audio_model(kind, tmp_path_factory.mktemp("model"))
    recordings = [noise(seconds, seed=seed) for seed, seconds in enumerate((0.5, 0.5, 0.7))]
    files = [
        save_wav(tmp_path / f"{number}.wav", samples) for number, samples in enumerate(recordings)
    ]
    report = build(model, *files)
    for number, samples in enumerate(recordings):
        for layer, truth in enumerate(own_attention(model, samples)):
            assert truth.max(-1).mean() > 0.15, "so even that anything agrees with it"
            assert np.abs(truth - truth[:1]).max() > 0.1, (
                "so alike that a mean over heads agrees with it"
            )
            for head in range(4):
                assert np.abs(report.attention(layer, head, number) - truth[head]).max() < 1e-4
    captures = report.manifest.models[0].captures
    assert {capture.stack for capture in captures} == {"encoder"}
    assert {capture.vectors for capture in captures} == {LISTENERS[kind]}
    if kind == "WavLM":
        assert {capture.line for capture in captures} == {"tracer"}
        assert all("depends on the document's content" in capture.reason for capture in captures)
    assert check(report.folder) == []


def test_weights_that_are_a_mean_over_heads_are_no_head_s(tmp_path):
    """What WavLM returns when it is asked for its attention would be a lie of every head."""
    from attnviz.capture.batches import make_batch
    from attnviz.capture.runner import recorder_of
    from attnviz.config import parse_config
    from attnviz.modalities.preparing import prepare
    from attnviz.modalities.reading import read_corpus
    from attnviz.modalities.registry import family_of
    from attnviz.models.loading import load_model

    model = save_audio_model("WavLM", tmp_path / "model")
    mapping = {
        "models": [{"source": str(model)}],
        "documents": [{"audio": str(save_wav(tmp_path / "a.wav", noise(0.3)))}],
    }
    config = parse_config(mapping, tmp_path, "corpus")
    loaded = load_model(config.models[0])
    family = family_of(loaded)
    prepared, _ = prepare(loaded, family, read_corpus(config.documents, "corpus").documents, False)
    inputs = {"input_values": torch.from_numpy(prepared[0].arrays["input_values"])[None]}
    with torch.inference_mode():
        averaged = loaded.model(**inputs, output_attentions=True).attentions[0]
    recorder = recorder_of(loaded, family, make_batch((0,), prepared))
    with pytest.raises(NotOfTokens, match="the same for all heads: they are a mean over heads"):
        recorder.keep_attention(
            "encoder.layers.0.attention", averaged, "output_attentions", "it gives weights only"
        )


def test_frames_are_where_they_begin(build, tmp_path, tmp_path_factory):
    """Names say the time; on the waveform of two seconds a line, row and column do."""
    model = save_audio_model("Wav2Vec2", tmp_path_factory.mktemp("model"))
    report = build(model, save_wav(tmp_path / "talk.wav", noise(4.5)))
    axis = report.documents[0].axes["audio"]
    count = (round(4.5 * RATE) - REACH) // STRIDE + 1
    assert len(axis) == count
    begins = np.arange(count) * STRIDE / RATE
    assert list(axis.texts) == [f"{start:.2f} s" for start in begins]
    left, top, right, bottom = axis.crop or (0, 0, 1, 1)
    columns, rows = axis.column.max() + 1, axis.row.max() + 1
    seconds = (axis.row / rows * (bottom - top) + top) * 3 // 1 * 2 + (
        axis.column / columns * (right - left) + left
    ) * 2
    assert np.abs(seconds - begins).max() < 0.02


def test_a_short_recording_does_not_fill_its_line(build, tmp_path, tmp_path_factory):
    model = save_audio_model("Wav2Vec2", tmp_path_factory.mktemp("model"))
    axis = build(model, save_wav(tmp_path / "talk.wav", noise(0.505))).documents[0].axes["audio"]
    assert axis.crop == pytest.approx((0, 0, 25 * 0.02 / 2, 1))


def test_another_rate_and_two_channels_are_the_same_sound(build, tmp_path, tmp_path_factory):
    """A tone at 44.1 kHz on two channels is heard as the one at 16 kHz."""
    model = save_audio_model("Wav2Vec2", tmp_path_factory.mktemp("model"))

    def tone(rate):
        return (8000 * np.sin(2 * np.pi * 440 * np.arange(round(0.5 * rate)) / rate)).astype(
            np.int16
        )

    files = [
        save_wav(tmp_path / "a.wav", tone(RATE)),
        save_wav(tmp_path / "b.wav", np.stack([tone(44100)] * 2, 1), 44100),
    ]
    report = build(model, *files)
    for layer, head in np.ndindex(2, 4):
        a, b = (report.attention(layer, head, document) for document in range(2))
        assert a.shape == b.shape
        assert np.abs(a - b)[2:-2].max() < 0.05


def test_a_recording_that_is_too_long_is_cut_and_one_too_short_left_out(
    build, tmp_path, tmp_path_factory
):
    model = save_audio_model("Wav2Vec2", tmp_path_factory.mktemp("model"))
    files = [
        save_wav(tmp_path / f"{name}.wav", noise(seconds))
        for name, seconds in (("long", 1), ("short", 0.02))
    ]
    report = build(model, *files, max_length=20)
    assert [notice.message for notice in report.manifest.notices] == [
        "“long” has 49 frames; listener takes 20: the last 29 were left out",
        "“short” lasts 0.020 s and was left out: a frame of listener takes 0.025 s",
    ]
    assert len(report.documents[0].axes["audio"]) == 20


@pytest.mark.parametrize("kind", ["text", "empty", "adpcm"])
def test_what_is_no_wav_is_named(build, tmp_path, tmp_path_factory, kind):
    file = tmp_path / "song.wav"
    save_wav(file, noise(0.3)[:0] if kind == "empty" else noise(0.3))
    if kind == "text":
        file.write_text("no audio")
    if kind == "adpcm":
        raw = bytearray(file.read_bytes())
        struct.pack_into("<H", raw, 20, 2)
        file.write_bytes(raw)
    message = {
        "text": "is no WAV file of plain samples",
        "empty": "0 seconds",
        "adpcm": "is no WAV file of plain samples",
    }
    with pytest.raises(attnviz.InputError, match=rf"song\.wav: .*{message[kind]}"):
        build(save_audio_model("Wav2Vec2", tmp_path_factory.mktemp("model")), file)


def test_a_probe_of_an_audio_model(attnviz_command, tmp_path):
    code, out, _ = attnviz_command("probe", save_audio_model("WavLM", tmp_path))
    assert code == 0
    assert "takes audio" in out
    assert "kept as attention, without queries and keys" in out
