"""Attention of several heads, layers or documents together, and attention rollout.

Everything here is plain NumPy on attention as the model gives it: rows of probabilities, 0 for keys
that a mask forbids, NaN for rows that may see nothing. The viewer has the same formulas.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from attnviz.score import Array, Intervals


def mean_of(attention: Iterable[Array]) -> Array:
    """The mean, (T, K) float64, of heads' attention on one document. A row is NaN where any head's
    is.

    >>> mean_of([np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])]).tolist()
    [[0.75, 0.25]]
    """
    total, count = None, 0
    for own in attention:
        total = own.astype(np.float64) if total is None else total + own
        count += 1
    if total is None:
        raise ValueError("no attention to average")
    mean: Array = total / count
    return mean


def mean_by_position(documents: Iterable[tuple[Array, Intervals]], positions: int) -> Array:
    """Mean attention (N, N) float64 from position i to position j < N = `positions`, over the
    documents in which row i may see key j; NaN where there is none. Rows need not sum to 1: they
    are of documents of several lengths.
    """
    total, count = np.zeros((positions, positions)), np.zeros((positions, positions))
    for a, intervals in documents:
        own = np.s_[: min(positions, a.shape[0]), : min(positions, a.shape[1])]
        total[own] += np.nan_to_num(a[own])
        count[own] += intervals.allowed()[own]
    with np.errstate(invalid="ignore"):
        mean: Array = np.where(count > 0, total / count, np.nan)
    return mean


def rollout(
    layers: Iterable[tuple[Array, Intervals]], residual: float = 0.5, discard: float = 0.0
) -> Array:
    """Attention rollout (Abnar & Zuidema 2020), (T, T) float64: how much of token i after the last
    of these layers comes from token j of the input. Rows sum to 1.

    `layers`, the first first, are each M (T, T), the mean over a layer's heads, and what its rows
    may see. With `residual` ρ and `discard` δ, both in [0, 1):

    1. In row i, which may see K_i keys, the ⌊δ·K_i⌋ least of their entries become 0; of equal ones
       the earlier key goes first. Every row is treated by itself, so none is emptied; special
       tokens are tokens like others. A row that may see nothing is 0 all over.
    2. Each row is divided by its sum, so that what went to a sink is left out. A row whose sum is 0
       becomes row i of the identity.
    3. A = (1 − ρ)·M + ρ·I: what the residual connection lets by.
    4. R = A of the first layer; then, layer by layer, R ← A·R: later layers stand on the left.

    The paper has ρ = ½ and δ = 0.

    >>> full = Intervals(np.zeros(2, int), np.full(2, 2), 2)
    >>> rollout([(np.array([[0.0, 1.0], [0.0, 1.0]]), full)] * 2).tolist()
    [[0.25, 0.75], [0.0, 1.0]]
    """
    if not (0 <= residual < 1 and 0 <= discard < 1):
        raise ValueError("residual and discard are at least 0 and less than 1")
    found: Array | None = None
    for m, intervals in layers:
        mixed = (1 - residual) * _shares(m, intervals, discard) + residual * np.eye(len(m))
        found = mixed if found is None else mixed @ found
    if found is None:
        raise ValueError("no layers to follow")
    return found


def _shares(m: Array, intervals: Intervals, discard: float) -> Array:
    """Steps 1 and 2."""
    kept = np.nan_to_num(m.astype(np.float64))
    if discard:
        allowed = intervals.allowed()
        order = np.argsort(np.where(allowed, kept, np.inf), axis=1, kind="stable")
        dropped = np.arange(kept.shape[1]) < np.floor(discard * allowed.sum(1))[:, None]
        np.put_along_axis(kept, order, np.where(dropped, 0, np.take_along_axis(kept, order, 1)), 1)
    total = kept.sum(1, keepdims=True)
    shares: Array = np.divide(kept, total, where=total > 0, out=np.eye(len(kept)))
    return shares
