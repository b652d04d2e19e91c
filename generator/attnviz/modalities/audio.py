"""Recordings as wav2vec 2.0 (Baevski et al. 2020), HuBERT and WavLM take them: samples, and an axis
of frames.

A frame is what the model's convolutions make of some milliseconds; it is named after the time at
which these begin. Its row and column are its place on the waveform that stands for the recording
(`documents.LINE` seconds a line).
"""

from __future__ import annotations

from math import ceil
from typing import Any

import numpy as np

from attnviz.documents import LINE, Document, Tokens, open_sound, resampled
from attnviz.modalities.family import SAMPLES, Crop, ModelInput
from attnviz.modalities.tokenizing import Said
from attnviz.models import LoadedModel


class Sounds:
    """Prepares recordings for one model."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        config = loaded.model.config
        self._rate = int(loaded.processor.sampling_rate)
        self._reach, self._stride = _frames(config)

    def prepare(self, document: Document) -> tuple[ModelInput | None, Said]:
        """A recording at the model's rate, as its feature extractor scales it."""
        assert document.sound is not None
        name, said = self._loaded.name, []
        rate, given = open_sound(document.sound)
        samples = resampled(given, rate, self._rate)
        count = (len(samples) - self._reach) // self._stride + 1
        if len(samples) < self._reach:
            lasts = f"“{document.title}” lasts {len(samples) / self._rate:.3f} s"
            message = (
                f"{lasts} and was left out: a frame of {name} takes"
                f" {self._reach / self._rate:.3f} s"
            )
            return None, [("left-out", message)]
        limit = self._loaded.limit
        if limit is not None and count > limit:
            message = (
                f"“{document.title}” has {count} frames; {name} takes {limit}: the last"
                f" {count - limit} were left out"
            )
            said.append(("truncated", message))
            count, samples = limit, samples[: self._reach + (limit - 1) * self._stride]
        scaled = self._loaded.processor(samples, sampling_rate=self._rate, return_tensors="np")[
            SAMPLES
        ][0]
        axis = self._axis(count)
        return (
            ModelInput(
                {"audio": axis},
                {SAMPLES: np.asarray(scaled, np.float32)},
                self._part(axis, len(given) / rate),
            ),
            said,
        )

    def _axis(self, count: int) -> Tokens:
        begins = np.arange(count) * self._stride
        line = int(LINE * self._rate)
        none = np.full(count, -1, np.int32)
        places = begins // line, begins % line // self._stride
        row, column = (place.astype(np.int16) for place in places)
        names = tuple(f"{start / self._rate:.2f} s" for start in begins)
        zeros = np.zeros(count, np.uint8)
        return Tokens(none, names, none, none, zeros.astype(bool), zeros, row, column)

    def _part(self, axis: Tokens, seconds: float) -> Crop:
        """The part of the waveform on which frames lie: what is left of a line, and lines without a
        frame, are not."""
        across, down = int(axis.column.max()) + 1, int(axis.row.max()) + 1
        return 0.0, 0.0, across * self._stride / (LINE * self._rate), down / ceil(seconds / LINE)


def _frames(config: Any) -> tuple[int, int]:
    """How many samples a frame is made of, and how many it is from one frame to the next."""
    reach, stride = 1, 1
    for kernel, step in zip(config.conv_kernel, config.conv_stride, strict=True):
        reach += (kernel - 1) * stride
        stride *= step
    return reach, stride
