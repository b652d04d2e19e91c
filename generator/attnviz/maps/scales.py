"""The scale c of the Euclidean space, c·q and k / c, at which distance tells attention best:
`geometry.scale_correlation` at every scale that AttentionViz tries, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnviz.engine.compiled import compiled
from attnviz.geometry import QUANTILE_PAIRS, SCALES
from attnviz.score import Array


def best_scale(q: Array, k: Array, near: float = 0.5) -> float:
    """The scale of `SCALES` whose weighted correlation over all pairs of q (queries, d) and k
    (keys, d) is nearest to −1. Of equal scales the smaller one counts."""
    correlations = scale_correlations(q, k, near)
    return SCALES[int(np.argmin(correlations))]


def scale_correlations(q: Array, k: Array, near: float = 0.5) -> Array:
    """`geometry.scale_correlation` of q and k at each of `SCALES`, in order, float64."""
    q, k = q.astype(np.float32), k.astype(np.float32)
    dot = (q @ k.T).ravel()  # at every scale the same
    lengths = (q * q).sum(-1), (k * k).sum(-1)
    distance = np.empty_like(dot)
    middle = float(dot.mean(dtype=np.float64)) if dot.size else 0.0
    step = max(1, dot.size // QUANTILE_PAIRS) | 1
    correlations = np.zeros(len(SCALES))
    for number, scale in enumerate(SCALES if dot.size else ()):
        _distances(dot, *lengths, np.float32(scale**2), distance)
        farthest = float(np.quantile(distance[::step], near))
        correlations[number] = _correlation(dot, middle, distance, farthest)
    return correlations


@compiled
def _distances(dot: Any, queries: Any, keys: Any, square: Any, distance: Any) -> None:
    """‖c·q − k / c‖ of all pairs, from q·k, ‖q‖², ‖k‖² and c², float32."""
    count, zero, two = len(keys), np.float32(0), np.float32(2)
    for i in range(len(queries)):
        of_query = square * queries[i]
        for j in range(count):
            at = i * count + j
            distance[at] = np.sqrt(max(of_query + keys[j] / square - two * dot[at], zero))


@compiled
def _correlation(dot: Any, middle: float, distance: Any, farthest: float) -> float:
    """Of pairs nearer than `farthest`, by how much nearer they are, squared: the correlation of q·k
    and distance, 0 if either does not vary. Sums are around `middle` and `farthest`, float64."""
    total, x, y, xx, yy, xy = 0.0, 0.0, 0.0, 0.0, 0.0, 0.0
    for at in range(len(distance)):
        b = min(distance[at] - farthest, 0.0)
        a, weight = dot[at] - middle, b * b
        total += weight
        x += weight * a
        y += weight * b
        xx += weight * a * a
        yy += weight * b * b
        xy += weight * a * b
    if not total > 0:
        return 0.0
    spread = (xx - x * x / total) * (yy - y * y / total)
    return (xy - x * y / total) / np.sqrt(spread) if spread > 0 else 0.0
