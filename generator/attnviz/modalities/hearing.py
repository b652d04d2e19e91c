"""Recordings as models of audio take them: brought to the model's rate, and cut into frames.

A frame is what the model's convolutions make of some milliseconds; it is named after the time at
which these begin. Its row and column are its place on the waveform that stands for the recording
(`waveform.LINE` seconds a line).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from math import ceil
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from PIL import Image
from scipy.io import wavfile

from attnviz.architectures.frames import Frames
from attnviz.architectures.recognising import frames_of
from attnviz.config import DocumentSpec
from attnviz.documents import Completion, Document, DocumentKind, Sound, Tokens
from attnviz.documents.files import digest_of, look_at_each
from attnviz.modalities.family import Excerpt
from attnviz.modalities.modality import EntryDocuments
from attnviz.modalities.model_input import Crop, Remark
from attnviz.modalities.waveform import LINE, open_audio, resampled, waveform_of
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array

AUDIO_TEXT: Final = DocumentKind("audio-text")
"""A recording with what is said in it."""
AUDIO: Final = DocumentKind(
    "audio",
    completion=Completion(
        "audio", "a model that writes what it hears", becomes=AUDIO_TEXT, optional=True
    ),
)


@dataclass(frozen=True)
class Recording:
    """A WAV file, and how long it is with the silence that models hear after it, in seconds."""

    path: Path
    seconds: float = 0.0

    def picture(self) -> Image.Image:
        """Its waveform. Raises InputError if it cannot be read."""
        return waveform_of(self.path, self.seconds)

    def sound(self) -> Sound:
        """What is recorded, in one channel. Raises InputError if it cannot be read."""
        return Sound(*open_audio(self.path))


class Heard(NamedTuple):
    """A recording as a model takes it: its frames, the input arrays, and which part of the waveform
    the frames lie on."""

    frames: Tokens
    arrays: Mapping[str, Array]
    crop: Crop


class Ears:
    """How a model hears."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded

    def hear(self, document: Document) -> tuple[Heard | None, list[Remark]]:
        """A recording at the model's rate, as its feature extractor makes it; None where it is
        shorter than a frame."""
        assert isinstance(document.media, Recording)
        name, limit, frames = self._loaded.name, self._limit, self.frames
        rate, recorded = open_audio(document.media.path)
        samples = resampled(recorded, rate, self._rate)
        count = frames.count(len(samples))
        remarks: list[Remark] = []
        if count == 0:
            lasts, reach = len(samples) / self._rate, frames.reach / self._rate
            message = (
                f"“{document.title}” lasts {lasts:.3f} s and was left out: a frame of {name} takes"
                f" {reach:.3f} s"
            )
            return None, [Remark("left-out", message, {"seconds": lasts, "of_a_frame": reach})]
        if limit is not None and count > limit:
            message = (
                f"“{document.title}” has {count:,} frames; {name} takes {limit:,}: the last"
                f" {count - limit:,} were left out"
            )
            figures = {"frames": count, "limit": limit, "left_out": count - limit}
            remarks.append(Remark("truncated", message, figures))
            count, samples = limit, samples[: frames.samples(limit)]
        extractor = self._loaded.processor
        array = extractor.model_input_names[0]
        scaled = extractor(samples, sampling_rate=self._rate, return_tensors="np")[array][0]
        tokens = self._axis(count)
        crop = self._crop(tokens, max(len(recorded) / rate, document.media.seconds))
        return Heard(tokens, {array: np.asarray(scaled, np.float32)}, crop), remarks

    def excerpt(self, recording: Recording) -> Excerpt:
        """A recording with the silence that the model hears after it."""
        fixed = self.frames.fixed
        if fixed is None:
            return Excerpt(recording, "")
        seconds = fixed * self.frames.stride / self._rate
        return Excerpt(Recording(recording.path, seconds), f"as {seconds:g} s")

    @cached_property
    def frames(self) -> Frames:
        """How it cuts recordings."""
        return frames_of(self._loaded.model.config, self._loaded.processor)

    @cached_property
    def _rate(self) -> int:
        """Samples per second that the model takes."""
        return int(self._loaded.processor.sampling_rate)

    @property
    def _limit(self) -> int | None:
        """Most frames of a recording."""
        limits = [limit for limit in (self._loaded.limit, self.frames.fixed) if limit is not None]
        return min(limits, default=None)

    def _axis(self, count: int) -> Tokens:
        """So many frames of a recording, and those of the silence after it."""
        stride = self.frames.stride
        begins = np.arange(self.frames.fixed or count) * stride
        line = int(LINE * self._rate)
        row, column = begins // line, begins % line // stride
        names = tuple(f"{start / self._rate:.2f} s" for start in begins)
        return Tokens.of_places(names, row, column, special=np.arange(len(begins)) >= count)

    def _crop(self, axis: Tokens, seconds: float) -> Crop:
        """The part of the waveform on which frames lie: what is left of a line, and lines without a
        frame, are not."""
        across, down = int(axis.column.max()) + 1, int(axis.row.max()) + 1
        width = across * self.frames.stride / (LINE * self._rate)
        return 0.0, 0.0, width, down / ceil(seconds / LINE)


def read_recordings(
    spec: DocumentSpec, documents: list[Document], texts: bytes = b""
) -> EntryDocuments:
    """The `documents` of an entry's recordings; `texts` are what stands beside them. Raises
    InputError with all recordings that cannot be read."""
    name, _ = look_at_each(spec.audio, partial(open_audio, most=spec.max_bytes), "recordings")
    return EntryDocuments(name, digest_of(spec.audio, texts), documents)


def sample_recording(folder: Path, seed: int) -> Recording:
    """A second of seeded noise under a tone."""
    time = np.arange(16000) / 16000
    noise = np.random.default_rng(seed).normal(0, 0.3, len(time))
    samples = np.sin(2 * np.pi * 220 * (seed + 1) * time) + noise
    path = folder / f"sample-{seed}.wav"
    wavfile.write(path, 16000, (samples * 8000).astype(np.int16))
    return Recording(path)
