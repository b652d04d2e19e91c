"""Recordings, and models of them: wav2vec 2.0 (Baevski et al. 2020), HuBERT, WavLM and the like,
which read samples.

A frame of audio is what the model's convolutions make of some milliseconds; it is named after the
time at which these begin. Its row and column are its place on the waveform that stands for the
recording (`waveform.LINE` seconds a line).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from scipy.io import wavfile

from attnviz.architectures import reads_samples
from attnviz.config import DocumentSpec
from attnviz.documents import Document, DocumentKind, Tokens
from attnviz.documents.files import digest_of, look_at_each
from attnviz.modalities.family import AUDIO_AXIS, AttentionPlace, Family
from attnviz.modalities.modality import EntryDocuments, Modality
from attnviz.modalities.model_input import SAMPLES, Crop, ModelInput, Prepared, Remark
from attnviz.modalities.waveform import LINE, open_audio, resampled, waveform_of
from attnviz.models import LoadedModel

AUDIO: Final = DocumentKind("audio")


@dataclass(frozen=True)
class Recording:
    """A WAV file."""

    path: Path

    def picture(self) -> Image.Image:
        """Its waveform. Raises InputError if it cannot be read."""
        return waveform_of(self.path)


class AudioFamily(Family):
    """Encoders of audio: one axis of frames."""

    name = "audio"
    kinds = (AUDIO,)
    reads_in_words = takes = "audio"

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        self.axes = {"audio": AUDIO_AXIS}

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        return reads_samples(loaded.model.config)

    def place(self, path: str) -> AttentionPlace:
        return AttentionPlace("encoder", "audio", "audio")

    def prepare(self, document: Document) -> Prepared:
        """A recording at the model's rate, as its feature extractor scales it."""
        assert isinstance(document.media, Recording)
        name, limit, (reach, stride) = self.loaded.name, self.loaded.limit, self._frames
        rate, recorded = open_audio(document.media.path)
        samples = resampled(recorded, rate, self._rate)
        count = (len(samples) - reach) // stride + 1
        remarks: list[Remark] = []
        if len(samples) < reach:
            message = (
                f"“{document.title}” lasts {len(samples) / self._rate:.3f} s and was left out: a"
                f" frame of {name} takes {reach / self._rate:.3f} s"
            )
            seconds = {"seconds": len(samples) / self._rate, "of_a_frame": reach / self._rate}
            return None, [Remark("left-out", message, seconds)]
        if limit is not None and count > limit:
            message = (
                f"“{document.title}” has {count} frames; {name} takes {limit}: the last"
                f" {count - limit} were left out"
            )
            figures = {"frames": count, "limit": limit, "left_out": count - limit}
            remarks.append(Remark("truncated", message, figures))
            count, samples = limit, samples[: reach + (limit - 1) * stride]
        extractor = self.loaded.processor
        scaled = extractor(samples, sampling_rate=self._rate, return_tensors="np")[SAMPLES][0]
        axis = self._axis(count)
        arrays = {SAMPLES: np.asarray(scaled, np.float32)}
        return ModelInput({"audio": axis}, arrays, self._crop(axis, len(recorded) / rate)), remarks

    def sample(self, folder: Path) -> list[Document]:
        return [
            Document(0, "sample", "", AUDIO, media=Recording(_sample_recording(folder, seed)))
            for seed in range(2)
        ]

    @cached_property
    def _rate(self) -> int:
        """Samples per second that the model takes."""
        return int(self.loaded.processor.sampling_rate)

    @cached_property
    def _frames(self) -> tuple[int, int]:
        """How many samples a frame is made of, and how many it is from one frame to the next."""
        config: Any = self.loaded.model.config
        reach, stride = 1, 1
        for kernel, step in zip(config.conv_kernel, config.conv_stride, strict=True):
            reach += (kernel - 1) * stride
            stride *= step
        return reach, stride

    def _axis(self, count: int) -> Tokens:
        stride = self._frames[1]
        begins = np.arange(count) * stride
        line = int(LINE * self._rate)
        places = begins // line, begins % line // stride
        row, column = places
        names = tuple(f"{start / self._rate:.2f} s" for start in begins)
        return Tokens.of_places(names, row, column, special=np.zeros(count, bool))

    def _crop(self, axis: Tokens, seconds: float) -> Crop:
        """The part of the waveform on which frames lie: what is left of a line, and lines without a
        frame, are not."""
        across, down = int(axis.column.max()) + 1, int(axis.row.max()) + 1
        width = across * self._frames[1] / (LINE * self._rate)
        return 0.0, 0.0, width, down / ceil(seconds / LINE)


def _sample_recording(folder: Path, seed: int) -> Path:
    """A second of seeded noise under a tone."""
    time = np.arange(16000) / 16000
    noise = np.random.default_rng(seed).normal(0, 0.3, len(time))
    samples = np.sin(2 * np.pi * 220 * (seed + 1) * time) + noise
    path = folder / f"sample-{seed}.wav"
    wavfile.write(path, 16000, (samples * 8000).astype(np.int16))
    return path


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    if not spec.audio:
        return None
    name, _ = look_at_each(spec.audio, partial(open_audio, most=spec.max_bytes), "recordings")
    documents = [
        Document(entry, path.stem, "", AUDIO, media=Recording(path)) for path in spec.audio
    ]
    return EntryDocuments(name, digest_of(spec.audio), documents)


MODALITY: Final = Modality(AUDIO, _read, AudioFamily)
