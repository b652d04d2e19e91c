"""Examples of a head's attention in bands of strength, from the strongest to next to nothing: how
many pairs of a query and a key lie in each band of all that may be seen, how much attention that
is, and some of them, drawn from all documents.

What is drawn of a band is a bottom-k sketch (Cohen & Kaplan 2007, "Summarizing data using bottom-k
sketches"): every pair has a number, which follows from the corpus's seed, the head, what the pair's
document holds, and its places in that, and the pairs with the smallest are drawn. So they are a
simple random sample, whatever the order of documents, and those of parts of a corpus can be put
together. Documents that a model reads alike have the same numbers: such pairs are drawn once.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.documents.tokens import Tokens
from attnviz.heads.statistic import SeeingRows
from attnviz.heads.sums import State, Sums
from attnviz.score import Array

LOWS: Final = (0.5, 0.1, 0.01, 0.001, 0.0)
"""The least attention of each band. A band reaches to the one before it, the first to 1."""
DRAWN: Final = 8
"""Pairs that are drawn of each band."""

_BANDS: Final = len(LOWS)
_PAIRS: Final = np.dtype(
    [
        ("cell", np.uint32),  # head · bands + band
        ("number", np.uint64),
        ("document", np.int64),
        ("query", np.uint32),
        ("key", np.uint32),
        ("weight", np.float32),
    ]
)


def _float32_from(low: float) -> np.float32:
    """The smallest float32 that is no less: what is less than it is less than `low`."""
    near = np.float32(low)
    return near if float(near) >= low else np.nextafter(near, np.float32(1))


_LOWS: Final = np.array([_float32_from(low) for low in LOWS[:-1]])
"""Of all bands but the last."""


@dataclass(frozen=True)
class HeadBands:
    """Of one head, by band: how many pairs there are, and their attention, summed; and the pairs
    that were drawn: band, document, query, key, attention."""

    pairs: list[int]
    attention: list[float]
    drawn: list[tuple[int, int, int, int, float]]


def head_numbers(seed: int, stack: str, layer: int, heads: Iterable[int]) -> Array:
    """The number of each head, by which its pairs are numbered otherwise than others', (heads,)
    uint64."""
    texts = (f"{seed} {stack} {layer} {head}" for head in heads)
    return np.array([_number(hashlib.sha256(text.encode())) for text in texts], np.uint64)


def text_number(axes: Sequence[Tokens]) -> int | None:
    """A number that follows from the ids on all axes of a document; None where a token is no piece
    of a text: then ids do not tell documents apart."""
    digest = hashlib.sha256()
    for tokens in axes:
        if (tokens.ids < 0).any() or (tokens.row >= 0).any():
            return None
        digest.update(f"{len(tokens.ids)} ".encode() + tokens.ids.astype("<i4").tobytes())
    return _number(digest)


def other_number(axes: Sequence[Tokens], inputs: bytes) -> int:
    """The same of any document, from its tokens and a digest of what a model reads."""
    digest = hashlib.sha256(inputs)
    for tokens in axes:
        digest.update("\0".join(tokens.texts).encode() + tokens.ids.astype("<i4").tobytes())
    return _number(digest)


def _number(digest: hashlib._Hash) -> int:
    return int.from_bytes(digest.digest()[:8], "little")


class BandSums(Sums):
    """Pairs and attention by band, and the pairs that are drawn; `numbers` are those of the heads,
    (heads,) uint64."""

    def __init__(self, numbers: Array) -> None:
        self.heads = len(numbers)
        self._numbers = numbers
        self._pairs = np.zeros(_BANDS * self.heads, np.int64)
        self._attention = np.zeros(_BANDS * self.heads)
        self._drawn = np.empty(0, _PAIRS)
        # By cell the largest number of a pair that may yet be drawn.
        self._limits = np.full(_BANDS * self.heads, np.iinfo(np.uint64).max)

    def add(self, rows: SeeingRows, content: int) -> None:
        """Take in rows of a document that has this number by its content."""
        from attnviz.heads import band_counting  # numba takes half a second to import

        cells, keys = len(self._pairs), rows.allowed.shape[1]
        numbers, places = np.zeros((cells, DRAWN), np.uint64), np.full((cells, DRAWN), -1)
        band_counting.count_pairs(
            np.ascontiguousarray(rows.stored),
            np.ascontiguousarray(rows.allowed),
            rows.at,
            np.uint64(band_counting.mixed(np.uint64(content))),
            self._numbers,
            _LOWS,
            self._limits,
            self._pairs,
            self._attention,
            numbers,
            places,
        )
        cell, drawn = np.nonzero(places >= 0)
        row, key = np.divmod(places[cell, drawn], keys)
        more = np.empty(len(cell), _PAIRS)
        more["cell"], more["number"] = cell, numbers[cell, drawn]
        more["document"] = rows.block.document
        more["query"], more["key"] = rows.at[row], key
        more["weight"] = rows.stored[cell // _BANDS, row, key]
        self._draw(more)

    def state(self) -> dict[str, Array]:
        """Pairs (cells,) int64 and attention (cells,) float64, cells being bands of heads; and a
        column for each thing that is known of the pairs drawn."""
        drawn = {name: np.array(self._drawn[name]) for name in _PAIRS.names or ()}
        return {"pairs": self._pairs, "attention": self._attention} | drawn

    def merge(self, state: State, documents: Array) -> None:
        self._pairs += state["pairs"]
        self._attention += state["attention"]
        more = np.empty(len(state["cell"]), _PAIRS)
        for name in _PAIRS.names or ():
            more[name] = state[name]
        more["document"] = documents[state["document"]]
        self._draw(more)

    def values(self) -> list[HeadBands]:
        """By head; the pairs of a band stand in the order in which they would be drawn."""
        shape = self.heads, _BANDS
        pairs, attention = self._pairs.reshape(shape), self._attention.reshape(shape)
        head, band = np.divmod(self._drawn["cell"], _BANDS)
        return [
            HeadBands(
                pairs[number].tolist(),
                attention[number].tolist(),
                [
                    (
                        int(of),
                        int(d["document"]),
                        int(d["query"]),
                        int(d["key"]),
                        float(d["weight"]),
                    )
                    for of, d in zip(band[head == number], self._drawn[head == number], strict=True)
                ],
            )
            for number in range(self.heads)
        ]

    def _draw(self, more: Array) -> None:
        """Those with the smallest numbers in each cell, of what is drawn already and of these."""
        if not len(more):
            return
        both = np.concatenate([self._drawn, more])
        both = both[np.lexsort((both["document"], both["number"], both["cell"]))]
        cell, number = both["cell"], both["number"]
        first = np.append(True, (cell[1:] != cell[:-1]) | (number[1:] != number[:-1]))
        both = both[first]  # of documents alike the one that comes first in the corpus
        place = np.arange(len(both)) - np.searchsorted(both["cell"], both["cell"])
        self._drawn = both[place < DRAWN]
        last = both[place == DRAWN - 1]
        self._limits[last["cell"]] = last["number"]


def band_of(weights: Array) -> Array:
    """The band of each weight, float32 of any shape, as int64.

    >>> band_of(np.array([1, 0.5, 0.499, 0.01, 0], np.float32)).tolist()
    [0, 0, 1, 2, 4]
    """
    band = np.zeros(weights.shape, np.uint8)
    for low in _LOWS:
        band += weights < low
    return band.astype(np.int64)


def pair_numbers(content: int, query: Array, key: Array, heads: Array) -> Array:
    """Numbers of pairs of a document, (heads, pairs) uint64, of places that are less than 2³²: all
    of a head's are different. SplitMix64's mixing (Steele, Lea & Flood 2014) of the document's
    number and both places, then of that and the head's number (heads,)."""
    from attnviz.heads.band_counting import mixed  # numba takes half a second to import

    places = query.astype(np.uint64) << np.uint64(32) | key.astype(np.uint64)
    numbers: Array = mixed(mixed(places ^ mixed(np.uint64(content))) ^ heads[:, None])
    return numbers
