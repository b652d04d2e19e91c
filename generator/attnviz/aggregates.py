"""Attention of several heads, layers or documents together, and attention rollout.

Everything here is plain NumPy on attention as the model has it: rows of probabilities, 0 for keys
that a mask forbids, NaN for rows that see no key. Nothing is read from a report. The viewer has the
same formulas in site_templates/src/data.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from attnviz.score import Array, Intervals


def mean_of(attention: Iterable[Array]) -> Array:
    """The mean, (T, K) float64, of several heads' attention (T, K) on one document.

    A row is NaN where that of any head is. Raises ValueError if there is no attention.

    >>> mean_of([np.array([[1.0, 0.0]]), np.array([[0.5, 0.5]])]).tolist()
    [[0.75, 0.25]]
    """
    total, count = None, 0
    for a in attention:
        total = a.astype(np.float64) if total is None else total + a
        count += 1
    if total is None:
        raise ValueError("no attention to average")
    mean: Array = total / count
    return mean


def mean_by_position(documents: Iterable[tuple[Array, Intervals]], positions: int) -> Array:
    """Mean attention (N, N) float64 from position i to position j < N = `positions`.

    Entry (i, j) is the mean over the documents in which row i may see key j; NaN where there is
    none. Rows need not sum to 1, as documents differ in length.

    >>> intervals = Intervals(np.zeros(2, int), np.array([1, 2]), 2)
    >>> documents = [(np.array([[1.0, 0.0], [0.5, 0.5]]), intervals)]
    >>> mean_by_position(documents, 2).tolist()
    [[1.0, nan], [0.5, 0.5]]
    """
    total, count = np.zeros((positions, positions)), np.zeros((positions, positions))
    for a, intervals in documents:
        corner = np.s_[: min(positions, a.shape[0]), : min(positions, a.shape[1])]
        total[corner] += np.nan_to_num(a[corner])
        count[corner] += intervals.allowed()[corner]
    with np.errstate(invalid="ignore"):
        mean: Array = np.where(count > 0, total / count, np.nan)
    return mean


def rollout(
    layers: Iterable[tuple[Array, Intervals]], residual: float = 0.5, discard: float = 0.0
) -> Array:
    """Attention rollout (Abnar & Zuidema 2020), (T, T) float64, whose rows sum to 1.

    Entry (i, j) is the share of token i after the last of these layers that comes from token j of
    the input. `layers` has one pair per layer, from the first to the last: M (T, T), the mean over
    the layer's heads, and the intervals of its rows. With `residual` ρ and `discard` δ, both in
    [0, 1):

    1. In row i, which may see K_i keys, the ⌊δ·K_i⌋ smallest entries become 0; of equal entries,
       that of the earlier key goes first. Every row keeps one key at least, and special tokens
       count like others. A row that sees no key is 0 throughout.
    2. Each row is divided by its sum, which leaves out the mass that went to a sink. A row whose
       sum is 0 becomes row i of the identity.
    3. A = (1 − ρ)·M + ρ·I, where ρ is the share that passes by the residual connection.
    4. R is A of the first layer; for each later layer, R ← A·R.

    The paper has ρ = ½ and δ = 0. Raises ValueError if ρ or δ is out of range or there is no layer.

    >>> full = Intervals(np.zeros(2, int), np.full(2, 2), 2)
    >>> rollout([(np.array([[0.0, 1.0], [0.0, 1.0]]), full)] * 2).tolist()
    [[0.25, 0.75], [0.0, 1.0]]
    """
    if not (0 <= residual < 1 and 0 <= discard < 1):
        raise ValueError("residual and discard are at least 0 and less than 1")
    product: Array | None = None
    for m, intervals in layers:
        a = (1 - residual) * _shares(m, intervals, discard) + residual * np.eye(len(m))
        product = a if product is None else a @ product
    if product is None:
        raise ValueError("no layers to follow")
    return product


def _shares(m: Array, intervals: Intervals, discard: float) -> Array:
    """M (T, T) after steps 1 and 2 of `rollout`."""
    kept = np.nan_to_num(m.astype(np.float64))
    if discard:
        # Ascending in each row, forbidden keys last: the first ⌊δ·K_i⌋ of this order become 0.
        allowed = intervals.allowed()
        order = np.argsort(np.where(allowed, kept, np.inf), axis=1, kind="stable")
        dropped = np.arange(kept.shape[1]) < np.floor(discard * allowed.sum(1))[:, None]
        np.put_along_axis(kept, order, np.where(dropped, 0, np.take_along_axis(kept, order, 1)), 1)
    total = kept.sum(1, keepdims=True)
    shares: Array = np.divide(kept, total, where=total > 0, out=np.eye(len(kept)))
    return shares
