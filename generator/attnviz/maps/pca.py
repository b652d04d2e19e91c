"""Joint PCA of a head's queries and translated keys."""

from __future__ import annotations

import numpy as np

from attnviz.geometry import Space
from attnviz.score import Array


def pca(space: Space, dimensions: int) -> tuple[Array, Array, float]:
    """Queries and keys (points, dimensions), float64, and the share of the variance that the
    picture holds.

    The principal axes of queries and keys together, from the eigenvectors of their covariance; each
    axis points to where its largest loading is positive. A head whose points span fewer dimensions
    gets zeros in the others.
    """
    joint = np.concatenate([space.queries, space.keys]).astype(np.float64)
    placed = np.zeros((len(joint), dimensions))
    explained = 0.0
    if len(joint) and np.ptp(joint, 0).max() > 0:
        centred = joint - joint.mean(0)
        variance, axes = np.linalg.eigh(centred.T @ centred)
        size = min(dimensions, *joint.shape)
        axes = axes[:, ::-1][:, :size]
        largest = np.take_along_axis(axes, np.abs(axes).argmax(0)[None], 0)
        placed[:, :size] = centred @ (axes * np.sign(largest))
        explained = float(variance[::-1][:size].sum() / variance.sum())
    return placed[: len(space.queries)], placed[len(space.queries) :], explained
