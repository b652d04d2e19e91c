"""Spearman's correlation of two sides. SciPy's needs `scipy.stats`, which alone takes half a second
of a processor to import; docs/decisions/dependencies.md has both."""

from __future__ import annotations

import numpy as np

from attnviz.score import Array


def spearman(x: Array, y: Array) -> float:
    """Spearman's correlation of two arrays (n,), −1 to 1: Pearson's of their ranks, where ties
    share their mean rank. Both have to vary.

    >>> round(spearman(np.array([1, 2, 3]), np.array([10, 30, 20])), 3)
    0.5
    """
    of_sides = np.column_stack([_ranks(x), _ranks(y)])
    return float(np.corrcoef(of_sides, rowvar=False)[1, 0])


def _ranks(values: Array) -> Array:
    """Ranks (n,) float64, from 1."""
    order = np.argsort(values, kind="stable")
    ascending = values[order]
    is_new = np.concatenate([[True], ascending[1:] != ascending[:-1]])
    starts = np.concatenate([np.flatnonzero(is_new), [len(values)]])  # of each run of ties
    run = np.empty(len(values), np.int64)
    run[order] = np.cumsum(is_new) - 1
    ranks: Array = (starts[run] + 1 + starts[run + 1]) / 2
    return ranks
