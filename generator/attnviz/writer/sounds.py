"""Shards of recordings as they are played: one channel, 16,000 samples a second at most."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from attnviz.documents import Document, Notice, Sound
from attnviz.format.shards import LARGEST, ShardFolder
from attnviz.modalities.waveform import resampled
from attnviz.score import Array
from attnviz.writer.images import parts_of

_RATE: Final = 16_000
_MU: Final = 255
_LONGEST: Final = LARGEST - 100_000
"""Samples of a recording, a byte each, that a shard has room for."""


def write_sounds(
    documents: Sequence[Document], into: ShardFolder
) -> tuple[list[str], list[Notice]]:
    """The sounds of documents that have one; returns the shards' ids, and which recordings are too
    long for a shard. One shard at a time is in memory."""
    names: list[str] = []
    unplayed: list[Notice] = []
    for part, rows in enumerate(parts_of(_rows(documents, unplayed))):
        numbers, rates, contents = (list(column) for column in zip(*rows, strict=True))
        columns = {"document": numbers, "rate": rates, "content": contents}
        span = (rows[0][0], rows[-1][0] + 1)
        names.append(into.add(f"sounds-{part}", "sound", columns, documents=span))
    return names, unplayed


def _rows(
    documents: Sequence[Document], unplayed: list[Notice]
) -> Iterator[tuple[int, int, bytes]]:
    """Document, samples a second, content; adds to `unplayed` what a shard has no room for."""
    for number, document in enumerate(documents):
        sound = document.sound()
        if sound is None:
            continue
        rate = min(sound.rate, _RATE)
        if _samples(sound, rate) > _LONGEST:
            unplayed.append(_too_long(number, document.title, sound, rate))
        else:
            yield number, rate, encoded(resampled(sound.samples, sound.rate, rate)).tobytes()


def _samples(sound: Sound, rate: int) -> int:
    """How many there are at this rate."""
    return math.ceil(len(sound.samples) * rate / sound.rate)


def _too_long(number: int, title: str, sound: Sound, rate: int) -> Notice:
    minutes, most = len(sound.samples) / sound.rate / 60, _LONGEST / rate / 60
    message = (
        f"“{title}” cannot be played in the report: it has {minutes:.1f} minutes, and a recording"
        f" of up to {most:.1f} minutes can be"
    )
    return Notice("left-out", message, number, None, {"minutes": minutes, "most": most})


def encoded(samples: Array) -> Array:
    """Samples in −1 … 1, (samples,), as bytes: µ-law with µ = 255 (ITU-T G.711's curve, evenly
    cut into 255 steps), which leaves quiet and loud sounds alike within 2.3 %, or 1 in 11,000.

    >>> encoded(np.array([-1.0, 0.0, 1.0])).tolist()
    [1, 128, 255]
    """
    inside = np.clip(samples, -1, 1)
    bent = np.sign(inside) * np.log1p(_MU * np.abs(inside)) / np.log1p(_MU)
    codes: Array = (128 + np.round(127 * bent)).astype(np.uint8)
    return codes
