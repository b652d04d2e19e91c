"""Exact nearest neighbours by blocked matrix products: no graph that is only nearly right, no start
that is random."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch

from attnviz.score import Array

_BLOCK: Final = 1 << 22


def nearest(points: Array, count: int, rows: Array | None = None) -> tuple[Array, Array]:
    """Of each row the `count` nearest other points, (rows, count) int64, nearest first, and their
    distances.

    points (n, size), under Euclidean distance; `rows` are the points to ask for, all by default. At
    most n − 1 neighbours.
    """
    everyone = torch.from_numpy(np.ascontiguousarray(points, np.float32))
    everyone = everyone - everyone.mean(0)
    asked = np.arange(len(points)) if rows is None else rows
    count = min(count, len(points) - 1)
    half = (everyone * everyone).sum(1) / 2
    found, distances = (
        np.empty((len(asked), count), np.int64),
        np.empty((len(asked), count), np.float32),
    )
    step = max(1, _BLOCK // max(1, len(points)))
    for start in range(0, len(asked), step):
        own = torch.from_numpy(asked[start : start + step])
        # ½‖y‖² − ⟨x, y⟩ orders the points y around x as their distance does.
        near = torch.addmm(half, everyone[own], everyone.T, alpha=-1)
        near[torch.arange(len(own)), own] = torch.inf
        index = near.topk(count, 1, largest=False).indices
        apart = (everyone[own].unsqueeze(1) - everyone[index]).norm(dim=2)
        apart, order = apart.sort(dim=1, stable=True)
        found[start : start + step] = index.gather(1, order).numpy()
        distances[start : start + step] = apart.numpy()
    return found, distances
