"""Shards of recordings as they are played: one channel, 16,000 samples a second at most."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from attnviz.documents import Document
from attnviz.format.shards import ShardFolder
from attnviz.modalities.waveform import resampled
from attnviz.score import Array
from attnviz.writer.images import parts_of

_RATE: Final = 16_000
_MU: Final = 255


def write_sounds(documents: Sequence[Document], into: ShardFolder) -> list[str]:
    """The sounds of documents that have one; returns the shards' ids. One shard at a time is in
    memory."""
    names = []
    for part, rows in enumerate(parts_of(_rows(documents))):
        numbers, rates, contents = (list(column) for column in zip(*rows, strict=True))
        columns = {"document": numbers, "rate": rates, "content": contents}
        span = (rows[0][0], rows[-1][0] + 1)
        names.append(into.add(f"sounds-{part}", "sound", columns, documents=span))
    return names


def _rows(documents: Sequence[Document]) -> Iterator[tuple[int, int, bytes]]:
    """Document, samples a second, content."""
    for number, document in enumerate(documents):
        sound = document.sound()
        if sound is not None:
            rate = min(sound.rate, _RATE)
            yield number, rate, encoded(resampled(sound.samples, sound.rate, rate)).tobytes()


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
