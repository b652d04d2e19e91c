"""Recordings that can be played: what a report keeps of their sound, and that it need not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pytest

import attnviz
from attnviz.documents import Document, Sound
from attnviz.format.shards import ShardFolder, read_shard
from attnviz.modalities.hearing import AUDIO
from attnviz.reader.check import check
from attnviz.writer.sounds import write_sounds
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


@dataclass(frozen=True)
class Silence:
    """A recording that is not on disk."""

    minutes: float

    def picture(self):
        raise AssertionError("it is only heard")

    def sound(self):
        return Sound(RATE, np.zeros(round(60 * self.minutes * RATE), np.float32))


def test_a_recording_too_long_for_a_shard_is_named_and_not_played(tmp_path):
    documents = [
        Document(0, f"{minutes} min", "", AUDIO, media=Silence(minutes))
        for minutes in (0.01, 8.5, 8)
    ]
    folder = ShardFolder(tmp_path)
    names, (notice,) = write_sounds(documents, folder)
    shards = [read_shard(tmp_path, folder.shards[name]) for name in names]
    assert pa.concat_tables(shards)["document"].to_pylist() == [0, 2]
    assert notice.document == 1
    assert "“8.5 min” cannot be played in the report: it has 8.5 minutes" in notice.message
    assert "of up to 8.2 minutes can be" in notice.message
