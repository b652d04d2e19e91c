"""Maps turned alike, so that a change of head or method shows what moves and not a turn of the
page."""

from __future__ import annotations

import numpy as np
from scipy.linalg import orthogonal_procrustes

from attnviz.score import Array


def align(positions: Array, reference: Array) -> Array:
    """The map (points, dimensions), centred and rotated or mirrored onto a reference of the same
    points.

    Orthogonal Procrustes (Schönemann 1966): no distance changes.
    """
    centred = positions - positions.mean(0)
    turn, _ = orthogonal_procrustes(centred, reference - reference.mean(0))
    turned: Array = centred @ turn
    return turned


def same_signs(positions: Array, reference: Array) -> Array:
    """1 or −1 for each axis, (dimensions,): which principal axes to mirror, to be most like the
    reference, (points, dimensions) as the positions are."""
    agreement = (positions * reference).sum(0)
    return np.where(agreement < 0, -1.0, 1.0)
