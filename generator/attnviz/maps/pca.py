"""Joint PCA of a head's queries and translated keys."""

from __future__ import annotations

import numpy as np

from attnviz.geometry import Space
from attnviz.score import Array


def pca(space: Space, dimensions: int) -> tuple[Array, Array, float]:
    """Queries and keys (points, dimensions), float64, and the share of the variance that they
    keep.

    The principal axes of queries and keys together, from the eigenvectors of their covariance; each
    axis points to where its largest loading is positive. A head whose points span fewer dimensions
    gets zeros in the others.
    """
    joint = np.concatenate([space.queries, space.keys]).astype(np.float64)
    positions = np.zeros((len(joint), dimensions))
    explained = 0.0
    if len(joint) and np.ptp(joint, 0).max() > 0:
        centred = joint - joint.mean(0)
        variance, axes = np.linalg.eigh(centred.T @ centred)  # ascending
        size = min(dimensions, *joint.shape)
        axes = axes[:, ::-1][:, :size]  # (channel, dimension)
        largest = np.take_along_axis(axes, np.abs(axes).argmax(0)[None], 0)
        positions[:, :size] = centred @ (axes * np.sign(largest))
        explained = float(variance[::-1][:size].sum() / variance.sum())
    queries = len(space.queries)
    return positions[:queries], positions[queries:], explained
