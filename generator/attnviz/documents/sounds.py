"""Recordings as documents: WAV files, and the picture of a recording, its waveform line by line."""

from __future__ import annotations

import warnings
from itertools import pairwise
from math import ceil, gcd
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image
from scipy.io import wavfile
from scipy.signal import resample_poly

from attnviz.config import DocumentSpec
from attnviz.documents.document import Document
from attnviz.documents.files import digest_of, look_at_each
from attnviz.errors import InputError
from attnviz.score import Array

LINE: Final = 2.0
"""Seconds of a waveform's line."""
_WIDTH, _HEIGHT = 800, 48
"""Pixels of a waveform's line."""
_PAPER, _INK = 240, 70


def open_sound(path: Path) -> tuple[int, Array]:
    """Samples a second, and the samples in −1 … 1, float64, channels mixed into one. InputError
    where it is no WAV."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", wavfile.WavFileWarning)  # chunks beside the sound
            rate, given = wavfile.read(path)
    except (OSError, ValueError, EOFError) as error:
        raise InputError(
            f"{path}: is no WAV file of plain samples"
            f" ({str(error).strip() or type(error).__name__}); expected PCM, as ffmpeg -i FILE"
            " out.wav makes it"
        ) from error
    if given.size == 0:
        raise InputError(f"{path}: is silent for 0 seconds; expected a recording")
    samples = given.astype(np.float64)
    if given.dtype.kind == "u":
        samples = samples / 128 - 1
    elif given.dtype.kind == "i":
        samples = samples / -float(np.iinfo(given.dtype).min)
    if not np.isfinite(samples).all():
        raise InputError(f"{path}: holds samples that are no numbers; expected a recording")
    return int(rate), samples if samples.ndim == 1 else samples.mean(1)


def resampled(samples: Array, rate: int, wanted: int) -> Array:
    """The samples at another rate, by a polyphase filter.

    >>> len(resampled(np.zeros(441), 44100, 16000))
    160
    """
    if rate == wanted:
        return samples
    common = gcd(rate, wanted)
    made: Array = resample_poly(samples, wanted // common, rate // common)
    return made


def waveform_of(path: Path) -> Image.Image:
    """A recording's waveform: lines of `LINE` seconds, each as loud as the loudest sample of all is
    high."""
    rate, samples = open_sound(path)
    lines = ceil(len(samples) / (LINE * rate))
    width = lines * _WIDTH
    edges = np.minimum((np.arange(width + 1) * LINE * rate / _WIDTH).astype(int), len(samples))
    paper = np.full((lines * _HEIGHT, _WIDTH), _PAPER, np.uint8)
    loudest = max(float(np.abs(samples).max()), 1e-9)
    for at, (start, end) in enumerate(pairwise(edges)):
        if end > start:
            line, column = divmod(at, _WIDTH)
            own = samples[start:end] / loudest * (_HEIGHT / 2 - 2)
            middle = line * _HEIGHT + _HEIGHT // 2
            paper[middle - round(own.max()) : middle - round(own.min()) + 1, column] = _INK
    return Image.fromarray(paper).convert("RGB")


def read_sounds(entry: int, spec: DocumentSpec) -> tuple[str, bytes, list[Document]]:
    """What to call an entry's recordings, bytes that stand for them, and a document each."""
    name, _ = look_at_each(spec.audio, open_sound, "recordings")
    documents = [Document(entry, path.stem, "", "audio", sound=path) for path in spec.audio]
    return name, digest_of(spec.audio), documents
