"""Places in the plane whose distances are as given: SMACOF (de Leeuw 1977), by the Guttman
transform. scikit-learn's is the same to the last bit, and takes 1.5 s of a processor to import;
docs/decisions/dependencies.md has both."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.score import Array

_STEPS: Final = 500
_LEAST_GAIN: Final = 1e-9
"""Of the sum of squared distances, the stress by which a step has to be better than the last."""
_COINCIDING: Final = 1e-5
"""Distance that points count as having which coincide."""


def smacof(distances: Array, start: Array) -> Array:
    """Places (n, 2) float64 that lower the stress Σ (‖xᵢ − xⱼ‖ − dᵢⱼ)², i < j, step by step from a
    start (n, 2); distances (n, n) are symmetric, 0 on the diagonal.

    A step takes X to B X / n, with B = −d / ‖xᵢ − xⱼ‖ beside the diagonal and rows that sum to 0.
    """
    places, fitted = start, _between(start)
    diagonal = np.arange(len(start))
    former = np.inf
    for _ in range(_STEPS):
        fitted[fitted == 0] = _COINCIDING
        ratio = distances / fitted
        turned = -ratio
        turned[diagonal, diagonal] += ratio.sum(axis=1)
        places = 1.0 / len(start) * (turned @ places)
        fitted = _between(places)
        stress = ((fitted.ravel() - distances.ravel()) ** 2).sum() / 2
        if (former - stress) / ((fitted.ravel() ** 2).sum() / 2) < _LEAST_GAIN:
            break
        former = stress
    return places


def _between(places: Array) -> Array:
    """The distances of places, (n, n)."""
    squares = np.einsum("ij,ij->i", places, places)[:, None]
    between = -2 * (places @ places.T)
    between += squares
    between += squares.T
    np.maximum(between, 0, out=between)
    np.fill_diagonal(between, 0)
    root: Array = np.sqrt(between)
    return root
