"""Where a row of documents is cut into batches: by what they hold, so that a change of one document
changes the batches about it and no others.

A document begins a batch where its number, which follows from its content, is the least within so
many tokens to both sides (a chunk boundary of Bjørner et al. 2010, "Content-dependent chunking for
differential compression, the local maximum approach"). Whether it does depends on its neighbours
alone. No batch but the last is shorter than the reach, and the mean is about twice that.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

_SMALLEST: Final = 128
_STEP: Final = 4
_FEWEST: Final = 32
"""Tokens of a batch in a small corpus; how many times larger the next size is; batches from which
a size is taken."""


def usual_tokens(corpus: int, most: int) -> int:
    """About how many tokens a batch has in a corpus of so many, where no batch may have more than
    `most`: few in a small corpus, so that a batch is a small part of it, and in steps far apart, so
    that a corpus can grow without all batches becoming others.

    >>> [usual_tokens(corpus, 8192) for corpus in (100, 16_000, 17_000, 1_000_000)]
    [128, 128, 512, 2048]
    """
    size = _SMALLEST
    while size * _STEP <= most // 2 and corpus >= _FEWEST * size * _STEP:
        size *= _STEP
    return min(size, most // 2)


def begins_batch(lengths: Sequence[int], digests: Sequence[bytes], usual: int) -> list[bool]:
    """Which of these documents, in this order, begin a batch by their content; the first does.

    `lengths` are theirs in tokens, `usual` is about how many tokens a batch has.
    """
    reach = max(1, usual // 2)
    starts = np.cumsum(lengths) - lengths
    # The order within a length is by digest, so that places are drawn by the other end of it.
    numbers = [b"", *(digest[::-1] for digest in digests[1:])]
    cuts = [True] * len(lengths)
    smaller: list[int] = []  # documents before, each with a smaller number than those after it
    for place, number in enumerate(numbers):
        while smaller and numbers[smaller[-1]] > number:
            other = smaller.pop()
            cuts[other] &= bool(starts[place] - starts[other] >= reach)
        if smaller:
            cuts[place] &= bool(starts[place] - starts[smaller[-1]] >= reach)
        smaller.append(place)
    return cuts
