"""Audio files opened, and the picture that stands for one in a report: its waveform, line by
line."""

from __future__ import annotations

import warnings
from itertools import pairwise
from math import ceil, gcd
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from scipy.io import wavfile

from attnviz.config.regular_files import fault_of_file
from attnviz.documents.contents import other_file
from attnviz.errors import InputError
from attnviz.score import Array

LINE: Final = 2.0
"""Seconds of a waveform's line."""
_WIDTH, _HEIGHT = 800, 48
"""Pixels of a waveform's line."""
_PAPER, _INK = 240, 70
_RATES: Final = (1_000, 1_000_000)
"""Samples a second that recordings have."""


def open_audio(path: Path, most: int | None = None) -> tuple[int, Array]:
    """Samples per second, and the samples in −1 … 1, (samples,) float64, channels mixed into one.

    Raises InputError if the file is no WAV of plain samples, is empty, holds no numbers, or has
    more bytes than `most`.
    """
    if fault := fault_of_file(path, most):
        larger = ", or a larger max_bytes" if "at most" in fault else ""
        raise InputError(f"{path}: {fault}; expected a recording{larger}")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks beside the audio
            rate, stored = wavfile.read(path)
    # SciPy raises errors of every kind at damaged headers.
    except Exception as error:
        if instead := other_file(path):
            raise InputError(f"{path}: {instead}") from error
        raise InputError(
            f"{path}: is no WAV file of plain samples"
            f" ({str(error).strip() or type(error).__name__}); expected PCM, as ffmpeg -i FILE"
            " out.wav makes it"
        ) from error
    if not _RATES[0] <= rate <= _RATES[1]:
        raise InputError(
            f"{path}: has {rate:,} samples a second, by its header; expected {_RATES[0]:,} to"
            f" {_RATES[1]:,}"
        )
    if stored.size == 0:
        raise InputError(f"{path}: is silent for 0 seconds; expected a recording")
    samples = stored.astype(np.float64)
    if stored.dtype.kind == "u":
        samples = samples / 128 - 1
    elif stored.dtype.kind == "i":
        samples = samples / -float(np.iinfo(stored.dtype).min)
    if not np.isfinite(samples).all():
        raise InputError(f"{path}: holds samples that are no numbers; expected a recording")
    return int(rate), samples if samples.ndim == 1 else samples.mean(1)


def resampled(samples: Array, rate: int, new_rate: int) -> Array:
    """The samples at another rate, by a polyphase filter.

    >>> len(resampled(np.zeros(441), 44100, 16000))
    160
    """
    if rate == new_rate:
        return samples
    common = gcd(rate, new_rate)
    from scipy.signal import resample_poly  # takes half a second to import

    result: Array = resample_poly(samples, new_rate // common, rate // common)
    return result


def waveform_of(path: Path, seconds: float = 0.0) -> Image.Image:
    """A recording's waveform, and silence after it up to so many seconds: lines of `LINE` seconds,
    each as high as the loudest sample of all is."""
    rate, samples = open_audio(path)
    samples = np.pad(samples, (0, max(0, round(seconds * rate) - len(samples))))
    lines = ceil(len(samples) / (LINE * rate))
    width = lines * _WIDTH
    # Each column of pixels spans its samples from the lowest to the highest.
    edges = np.minimum((np.arange(width + 1) * LINE * rate / _WIDTH).astype(int), len(samples))
    paper = np.full((lines * _HEIGHT, _WIDTH), _PAPER, np.uint8)
    loudest = max(float(np.abs(samples).max()), 1e-9)
    for at, (start, end) in enumerate(pairwise(edges)):
        if end > start:
            line, column = divmod(at, _WIDTH)
            heights = samples[start:end] / loudest * (_HEIGHT / 2 - 2)
            middle = line * _HEIGHT + _HEIGHT // 2
            top, bottom = middle - round(heights.max()), middle - round(heights.min()) + 1
            paper[top:bottom, column] = _INK
    return Image.fromarray(paper).convert("RGB")
