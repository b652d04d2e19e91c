"""The search for the smallest encoding of a group of documents that is within the bounds."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.encoding import BITS, ENCODINGS, PACKED
from attnviz.score import Array

_STEPS: Final = 8
"""Noises are powers of two over this: a step of an eighth of a bit a value."""
_NEAR: Final = 1.25
"""How much coarser packed codes might be, by their errors, for another try to be worth a pass."""
_SAFE: Final = 0.97
"""What is taken off a noise foretold, since errors are not quite in proportion to it."""
TRIES: Final = 8
"""How often finer packed codes are tried before they are given up."""
_FINE: Final = 1e-5
"""Bounds from which packed codes are tried: nearer ones are too near to what eager attention and
our own differ by, some 1e-6, for a choice that goes up to the bounds."""
_LEAST_BITS: Final = 4.0
"""What packed codes are taken to need a value, at the least, before they were tried."""


@dataclass(frozen=True)
class Coding:
    """How one kv head is stored in a group of documents: an encoding and, of packed codes, their
    noise, how far rounding may move a score."""

    encoding: str
    noise: float | None = None


class CodingSearch:
    """Chooses the smallest coding within the bounds for each kv head of one group of documents.

    `costs` has the bytes of each encoding, those of packed codes as if they took `BITS` bits a
    value; `values` is how many values of queries and keys a kv head has; `bounds` are the largest
    mean total variation and the largest error allowed. `encoding` is the next to measure while some
    head has none, else None, at the `noise` (kv heads,) if it is packed; `figures` are the last
    measured, (kv heads,) each.
    """

    def __init__(
        self, costs: Mapping[str, int], values: int, kv_heads: int, bounds: tuple[float, float]
    ) -> None:
        self.bounds = bounds
        if min(bounds) < _FINE:
            costs = {name: cost for name, cost in costs.items() if name != PACKED}
        self.chosen: list[Coding | None] = [None] * kv_heads
        self.figures = (np.zeros(kv_heads), np.zeros(kv_heads))
        self._heads = [
            _HeadSearch(costs, values, min(4 * bounds[0], bounds[1])) for _ in self.chosen
        ]
        self._settle()

    @property
    def encoding(self) -> str | None:
        """The encoding to measure next, None where the choice is made, or nothing is left."""
        pending = {head.next for head, done in self._each() if done is None}
        return min(pending - {None}, key=ENCODINGS.index, default=None)

    @property
    def noise(self) -> Array:
        """The noise of packed codes to try next, (kv heads,)."""
        return np.array([head.noise for head in self._heads])

    def take(self, variation: Array, error: Array, bits: Array) -> None:
        """The figures of that encoding, (kv heads,) each: mean total variation, largest error, and
        how many bits its values take, of packed codes."""
        encoding, self.figures = self.encoding, (variation, error)
        assert encoding is not None
        for i, (head, done) in enumerate(self._each()):
            if done is None:
                tightest = max(variation[i] / self.bounds[0], error[i] / self.bounds[1])
                head.take(encoding, float(tightest), float(bits[i]))
        self._settle()

    def _settle(self) -> None:
        self.chosen = [done or head.choice for head, done in self._each()]

    def _each(self) -> list[tuple[_HeadSearch, Coding | None]]:
        return list(zip(self._heads, self.chosen, strict=True))


class _HeadSearch:
    """The search for one kv head."""

    def __init__(self, costs: Mapping[str, int], values: int, noise: float) -> None:
        self._costs = {name: float(cost) for name, cost in costs.items()}
        self._values = values
        self._good: dict[str, Coding] = {}
        self._tries = 0
        self.noise = _on_ladder(noise)
        if PACKED in self._costs:
            self._packed = self._costs[PACKED]
            self._costs[PACKED] = self._packed_cost(_LEAST_BITS * values)

    @property
    def _cheapest(self) -> str | None:
        order = sorted(self._costs, key=lambda name: (self._costs[name], ENCODINGS.index(name)))
        return order[0] if order else None

    @property
    def next(self) -> str | None:
        """The encoding to measure next; None where nothing is left."""
        return self._cheapest

    @property
    def choice(self) -> Coding | None:
        """The coding, once it is known to be the smallest."""
        return self._good.get(self._cheapest or "")

    def take(self, encoding: str, tightest: float, bits: float) -> None:
        """The errors in this encoding, as a share of the bounds, and the bits of its values."""
        if encoding not in self._costs or encoding in self._good:
            return
        if encoding == PACKED:
            self._take_packed(tightest, bits)
        elif tightest <= 1:
            self._good[encoding] = Coding(encoding)
        else:
            del self._costs[encoding]

    def _take_packed(self, tightest: float, bits: float) -> None:
        """Errors grow in proportion to the noise, and each half of it costs a bit a value: the next
        try is the noise at which they reach the bounds, unless this one is near enough."""
        factor = 1 / max(tightest, 1e-3)
        self._tries += 1
        if tightest <= 1 and (factor < _NEAR or self._tries > 1):
            self._good[PACKED] = Coding(PACKED, self.noise)
            self._costs[PACKED] = self._packed_cost(bits)
        elif self._tries > TRIES or not np.isfinite(tightest):
            del self._costs[PACKED]
        else:
            further = 2.0 ** -((self._tries - 1) / _STEPS)  # after each failure a step more
            self.noise = _on_ladder(self.noise * factor * _SAFE * further)
            self._costs[PACKED] = self._packed_cost(bits - self._values * np.log2(factor))

    def _packed_cost(self, bits: float) -> float:
        return self._packed + (bits - BITS * self._values) / 8


def _on_ladder(noise: float) -> float:
    """The next lower power of two over `_STEPS`."""
    return float(2.0 ** (np.floor(_STEPS * np.log2(noise)) / _STEPS))
