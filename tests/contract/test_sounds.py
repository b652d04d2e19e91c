"""Recordings that can be played: what a report keeps of their sound, and that it need not."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

import attnviz
from attnviz.reader.check import check
from tests.fixtures.audio_models import RATE, noise, save_audio_model, save_wav


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return save_audio_model("Wav2Vec2", tmp_path_factory.mktemp("model"))


def build(model, folder, **options):
    low = save_wav(folder / "low.wav", noise(0.4, 8000), 8000)
    stereo = np.stack([noise(0.3, 2 * RATE, seed) for seed in (1, 2)], 1)
    high = save_wav(folder / "high.wav", stereo, 2 * RATE)
    corpus = {
        "models": [{"name": "m", "source": str(model)}],
        "documents": [{"audio": [str(low), str(high)]}],
        "maps": {"methods": ["pca"], "dimensions": [2]},
    }
    return attnviz.build(corpus | options, out=folder / "report", cache=folder / "cache")


def sounds(report):
    """Document, rate and samples of each sound, by the formula of the format's page."""
    rows = []
    for name in report.manifest.documents.sounds:
        path = report.folder / report.manifest.shards[name].path
        for row in pa.ipc.open_file(path).read_all().to_pylist():
            bent = (np.frombuffer(row["content"], np.uint8) - 128.0) / 127
            samples = np.sign(bent) * (256 ** np.abs(bent) - 1) / 255
            rows.append((row["document"], row["rate"], samples))
    return rows


def test_a_sound_is_the_recording(model, tmp_path):
    report = build(model, tmp_path)
    assert check(report.folder) == []
    (low, low_rate, low_samples), (high, high_rate, high_samples) = sounds(report)
    assert (low, low_rate, high, high_rate) == (0, 8000, 1, RATE)
    recorded = noise(0.4, 8000) / 2**15
    np.testing.assert_allclose(low_samples, recorded, rtol=0.023, atol=1 / 11000)
    assert len(high_samples) == round(0.3 * RATE)
    # Both channels, and of them what the lower rate can hold.
    mixed = (noise(0.3, 2 * RATE, 1) / 2**15 + noise(0.3, 2 * RATE, 2) / 2**15) / 2
    slow = np.fft.rfft(mixed)[:1000] / len(mixed)
    stored = np.fft.rfft(high_samples)[:1000] / len(high_samples)
    assert np.abs(slow - stored).max() < 0.05 * np.abs(slow).max()


def test_sounds_are_left_out_where_the_corpus_says_so(model, tmp_path):
    report = build(model, tmp_path, sounds=False)
    assert report.manifest.documents.sounds == []
    assert not [name for name in report.manifest.shards if name.startswith("sounds")]
    assert report.manifest.documents.images
