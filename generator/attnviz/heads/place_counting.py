"""Attention summed by how far a key is from its query, in one pass, compiled."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnviz.engine.compiled import compiled


@compiled
def distance_sums(attention: Any, at: Any, near: int) -> Any:
    """Of each row of attention (heads, rows, K) Σ a |i − j|, Σ a |i − j|² and what is at most
    `near` places away, three arrays (heads, rows) float64; at (rows,) are the queries' places."""
    heads, rows, keys = attention.shape
    distance, square = np.empty((heads, rows)), np.empty((heads, rows))
    nearby = np.empty((heads, rows))
    for head in range(heads):
        for i in range(rows):
            of_distance, of_square, within = 0.0, 0.0, 0.0
            for j in range(keys):
                far = float(abs(j - at[i]))
                weighted = attention[head, i, j] * far
                of_distance += weighted
                of_square += weighted * far
            for j in range(max(0, at[i] - near), min(keys, at[i] + near + 1)):
                within += attention[head, i, j]
            distance[head, i], square[head, i], nearby[head, i] = of_distance, of_square, within
    return distance, square, nearby


@compiled
def add_by_offset(profile: Any, weights: Any, factors: Any, at: Any) -> None:
    """Add weights (heads, rows, K), each row of a head times its factor (heads, rows), to the
    profile (heads, 2 far + 1) float64 of their offsets j − i; those beyond ±far count as ±far.
    Weights may be one table for all heads, (1, rows, K). at (rows,) are the queries' places."""
    heads, size = profile.shape
    last, far = weights.shape[0] - 1, size // 2
    for head in range(heads):
        for i in range(weights.shape[1]):
            row, factor = weights[min(head, last), i], factors[head, i]
            start, end = max(0, at[i] - far), min(len(row), at[i] + far + 1)
            before, after = 0.0, 0.0
            for j in range(min(start, len(row))):
                before += row[j]
            for j in range(start, end):
                profile[head, j - at[i] + far] += factor * row[j]
            for j in range(end, len(row)):
                after += row[j]
            profile[head, 0] += factor * before
            profile[head, size - 1] += factor * after
