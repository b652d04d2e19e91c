"""Maps as they are stored: coordinates as uint16 in the map's own box, and the view that a picture
shows first."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.score import Array

LEVELS: Final = 65535
VIEW_SHARE: Final = 0.94
_MARGIN: Final = 0.06


@dataclass(frozen=True)
class StoredMap:
    """One head's map as it is stored.

    queries and keys are uint16 codes (points, dimensions); coordinate = lo + code / 65535 · (hi −
    lo), where lo and hi are (dimensions,) float64. view_lo and view_hi are corners of a square
    (cube) around the middle 94 % of the points; `quantisation_error` is the largest error of a
    coordinate.
    """

    queries: Array
    keys: Array
    lo: Array
    hi: Array
    view_lo: Array
    view_hi: Array
    quantisation_error: float

    def positions(self) -> tuple[Array, Array]:
        """Queries and keys (points, dimensions) as every reader finds them, float64."""
        return self._decode(self.queries), self._decode(self.keys)

    def _decode(self, codes: Array) -> Array:
        coordinates: Array = self.lo + codes.astype(np.float64) / LEVELS * (self.hi - self.lo)
        return coordinates

    def overview_codes(self, count: int) -> tuple[Array, Array]:
        """The first `count` queries and keys as uint8 (points, 2) in the view; points outside stand
        on its rim."""
        return self._in_view(self.queries[:count]), self._in_view(self.keys[:count])

    def _in_view(self, codes: Array) -> Array:
        share = (self._decode(codes) - self.view_lo) / (self.view_hi - self.view_lo)
        rim: Array = np.rint(share.clip(0, 1) * 255).astype(np.uint8)[:, :2]
        return rim


def quantise(queries: Array, keys: Array) -> StoredMap:
    """The codes of a map whose queries and keys are at these coordinates, (points, dimensions)
    each. A map without points has the unit box."""
    positions = np.concatenate([queries, keys]).astype(np.float64)
    if not len(positions):
        zero = np.zeros(positions.shape[1])
        codes = positions.astype(np.uint16)
        return StoredMap(
            queries=codes,
            keys=codes,
            lo=zero,
            hi=zero + 1,
            view_lo=zero,
            view_hi=zero + 1,
            quantisation_error=0.0,
        )
    lo, hi = positions.min(0), positions.max(0)
    span = np.where(hi > lo, hi - lo, 1)
    codes = np.rint((positions - lo) / span * LEVELS).astype(np.uint16)
    view_lo, view_hi = first_view(positions)
    return StoredMap(
        queries=codes[: len(queries)],
        keys=codes[len(queries) :],
        lo=lo,
        hi=lo + span,
        view_lo=view_lo,
        view_hi=view_hi,
        quantisation_error=float((span / LEVELS / 2).max()),
    )


def first_view(positions: Array) -> tuple[Array, Array]:
    """Corners of a square (cube) around the middle 94 % of the points in each dimension, with a
    margin.

    Special tokens lie far out; a view of everything would shrink the rest to a dot.
    """
    tail = (1 - VIEW_SHARE) / 2
    edges: Array = np.quantile(positions, [tail, 1 - tail], axis=0)  # (2, dimension)
    side = float(np.ptp(edges, 0).max()) * (1 + 2 * _MARGIN)
    side = side if side > 0 else 1.0
    centre: Array = edges.mean(0)
    return centre - side / 2, centre + side / 2
