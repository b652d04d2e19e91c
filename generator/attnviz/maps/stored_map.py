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
    lo); the view is a square around the middle 94 % of the points; `quantisation_error` is the
    largest error of a coordinate.
    """

    queries: Array
    keys: Array
    lo: Array
    hi: Array
    view_lo: Array
    view_hi: Array
    quantisation_error: float

    def placed(self) -> tuple[Array, Array]:
        """Queries and keys (points, dimensions) as every reader finds them, float64."""
        span = self.hi - self.lo
        return self.lo + self.queries / LEVELS * span, self.lo + self.keys / LEVELS * span


def quantise(queries: Array, keys: Array) -> StoredMap:
    """Codes of a map whose queries and keys are at these coordinates, (points, dimensions) each."""
    placed = np.concatenate([queries, keys]).astype(np.float64)
    if not len(placed):
        nowhere = np.zeros(placed.shape[1])
        return StoredMap(
            *2 * (placed.astype(np.uint16),), nowhere, nowhere + 1, nowhere, nowhere + 1, 0.0
        )
    lo, hi = placed.min(0), placed.max(0)
    span = np.where(hi > lo, hi - lo, 1)
    codes = np.rint((placed - lo) / span * LEVELS).astype(np.uint16)
    error = float((span / LEVELS / 2).max())
    return StoredMap(
        codes[: len(queries)], codes[len(queries) :], lo, lo + span, *first_view(placed), error
    )


def first_view(placed: Array) -> tuple[Array, Array]:
    """Corners of a square (cube) around the middle 94 % of the points in each dimension, with a
    margin.

    Special tokens lie far out; a view of everything would shrink the rest to a dot.
    """
    tail = (1 - VIEW_SHARE) / 2
    edges: Array = np.quantile(placed, [tail, 1 - tail], axis=0)
    side = float(np.ptp(edges, 0).max()) * (1 + 2 * _MARGIN)
    side = side if side > 0 else 1.0
    centre: Array = edges.mean(0)
    return centre - side / 2, centre + side / 2


def overview_codes(head_map: StoredMap, count: int) -> tuple[Array, Array]:
    """The first `count` queries and keys as uint8 (points, 2) in the view; points outside stand on
    its rim."""

    def place(codes: Array) -> Array:
        coordinate = head_map.lo + codes[:count].astype(np.float64) / LEVELS * (
            head_map.hi - head_map.lo
        )
        inside = (coordinate - head_map.view_lo) / (head_map.view_hi - head_map.view_lo)
        rim: Array = np.rint(inside.clip(0, 1) * 255).astype(np.uint8)[:, :2]
        return rim

    return place(head_map.queries), place(head_map.keys)
