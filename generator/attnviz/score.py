"""The score rule: the one definition of attention from queries and keys.

    s_ij = scaling · q_i·k_j,   s ← c · tanh(s / c) under a soft cap c,   s_ij ← s_ij + bias_ij,
    a_ij = exp(s_ij − lse_i),   lse_i = log(Σ_{j allowed} exp s_ij + exp sink)

Sources: Vaswani et al. 2017; soft cap: Gemma 2, 2024; relative bias: Raffel et al. 2020, Press et
al. 2022; sinks: gpt-oss, 2025.

Shapes: q is (heads, T, d), k is (kv heads, K, d). With grouped queries, head h reads kv head
h // (heads / kv heads).

Everything here is plain NumPy. It does not read models or files, knows no devices and stores
nothing. Its twin in the viewer is site_templates/src/data/score.js.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
MaskKind = Literal["full", "causal", "band", "intervals"]
BiasKind = Literal["relative", "table"]


@dataclass(frozen=True)
class Mask:
    """Which keys a query row may see: one interval [lo, hi) per row.

    - `full`: every key.
    - `causal`: keys 0 … i for row i.
    - `band`: keys i − before … i + after for row i.
    - `intervals`: no simpler form. The intervals are stored with each document and passed to the
      functions below.
    """

    kind: MaskKind
    before: int = 0
    after: int = 0


@dataclass(frozen=True)
class ScoreRule:
    """How scores become attention in one layer, as far as all its heads agree.

    Sinks and bias values differ from head to head and are passed beside the rule; `bias` names the
    kind of bias that the layer has, if any (see `Bias`).
    """

    scaling: float
    mask: Mask
    softcap: float | None = None
    bias: BiasKind | None = None


@dataclass(frozen=True)
class Intervals:
    """The keys that query rows `first`, `first` + 1, … may see: [lo, hi) per row.

    `lo` and `hi` are (T,) int64; `keys` is K, the number of keys of the document.
    """

    lo: Array
    hi: Array
    keys: int
    first: int = 0

    def allowed(self) -> NDArray[np.bool_]:
        """(T, K) bool: True where the row may see the key."""
        key = np.arange(self.keys)
        return (key >= self.lo[:, None]) & (key < self.hi[:, None])

    @property
    def defined(self) -> NDArray[np.bool_]:
        """(T,) bool: False for rows that see no key and so have no attention."""
        return self.hi > self.lo

    def rows(self, block: slice) -> Intervals:
        """The intervals of a block of consecutive rows."""
        start = block.indices(len(self.lo))[0]
        return Intervals(self.lo[block], self.hi[block], self.keys, self.first + start)

    def near(self) -> Intervals:
        """The same rows, without the keys after the last one that any of them may see."""
        return Intervals(self.lo, self.hi, int(self.hi.max(initial=0)), self.first)

    def blocks(self, heads: int, entries: int = 1 << 20) -> list[slice]:
        """Consecutive blocks of rows such that heads × rows × keys is at most `entries`.

        With them no array is ever T × T. A block has one row at least.
        """
        step = max(1, entries // max(1, heads * self.keys))
        return [
            slice(start, min(start + step, len(self.lo))) for start in range(0, len(self.lo), step)
        ]


@dataclass(frozen=True)
class Bias:
    """What a layer adds to its scores, float32.

    - `relative`: values (heads, 2R + 1), bias_ij = values[head, R + clip(j − i, −R, R)]
      (T5, ALiBi).
    - `table`: values (heads, n, n), bias_ij = values[head, index_i, index_j], where `index` (T,) is
      each token's row in the table (BEiT; Swin, whose table is that of one window).
    """

    kind: BiasKind
    values: Array
    index: Array | None = None

    def rows(self, intervals: Intervals) -> Array:
        """The bias of these rows, (heads, T, K)."""
        row = intervals.first + np.arange(len(intervals.lo))
        key = np.arange(intervals.keys)
        if self.kind == "relative":
            reach = self.values.shape[1] // 2
            distance = np.clip(key - row[:, None], -reach, reach)  # (T, K)
            relative: Array = self.values[:, reach + distance]  # (heads, T, K)
            return relative
        index = np.arange(self.values.shape[1]) if self.index is None else self.index
        table: Array = self.values[:, index[row][:, None], index[key]]  # (heads, T, K)
        return table

    def heads(self, selection: slice) -> Bias:
        """The bias of a slice of the heads."""
        return Bias(self.kind, self.values[selection], self.index)


def mask_intervals(mask: Mask, queries: int, keys: int) -> Intervals:
    """The intervals of a mask that follows from the numbers of queries and keys alone.

    Raises ValueError for a mask of the kind `intervals`.

    >>> mask_intervals(Mask("band", before=1), 3, 3).lo.tolist()
    [0, 0, 1]
    """
    row = np.arange(queries)
    if mask.kind == "full":
        return Intervals(np.zeros(queries, np.int64), np.full(queries, keys), keys)
    if mask.kind == "causal":
        return Intervals(np.zeros(queries, np.int64), np.minimum(row + 1, keys), keys)
    if mask.kind == "band":
        return Intervals(
            np.maximum(row - mask.before, 0), np.minimum(row + mask.after + 1, keys), keys
        )
    raise ValueError("the intervals of this mask are stored with each document")


def scores(q: Array, k: Array, rule: ScoreRule) -> Array:
    """Scores before bias and mask, (heads, T, K), in the precision of q and k."""
    heads, rows, size = q.shape
    kv_heads, keys, _ = k.shape
    # The heads of a group stand below one another, so that each kv head's keys are read once.
    grouped = q.reshape(kv_heads, heads // kv_heads * rows, size)  # (kv head, head · query, d)
    product = (grouped @ k.transpose(0, 2, 1)).reshape(heads, rows, keys)  # (head, query, key)
    return cap(product * product.dtype.type(rule.scaling), rule)


def cap(scaled: Array, rule: ScoreRule) -> Array:
    """Scaled scores under the rule's soft cap, if it has one."""
    return scaled if rule.softcap is None else rule.softcap * np.tanh(scaled / rule.softcap)


def log_sum_exp(s: Array, intervals: Intervals, sinks: Array | None = None) -> Array:
    """lse of each row, (heads, T), of scores (heads, T, K); `sinks` (heads,) are included.

    −inf for rows that see no key and have no sink.
    """
    visible = np.where(intervals.allowed(), s, -np.inf)  # a copy, which is changed in place below
    peak = visible.max(-1, initial=-np.inf)
    if sinks is not None:
        peak = np.maximum(peak, sinks[:, None])
    # The peak is taken off before exp, so that no score overflows.
    safe = np.where(np.isfinite(peak), peak, 0)
    visible -= safe[..., None]
    total = np.exp(visible, out=visible).sum(-1)
    if sinks is not None:
        total += np.exp(sinks[:, None] - safe)
    with np.errstate(divide="ignore"):
        return safe + np.log(total)  # type: ignore[no-any-return]


def normalise(s: Array, lse: Array, intervals: Intervals) -> Array:
    """Attention (heads, T, K) from scores (heads, T, K) and lse (heads, T).

    0 for keys that the mask forbids; NaN throughout a row that sees no key.
    """
    with np.errstate(invalid="ignore", over="ignore"):
        a = np.where(intervals.allowed(), np.exp(s - lse[..., None]), 0)
    a[:, ~intervals.defined] = np.nan
    return a


def attention(
    q: Array,
    k: Array,
    rule: ScoreRule,
    intervals: Intervals,
    *,
    sinks: Array | None = None,
    bias: Bias | None = None,
) -> Array:
    """Attention (heads, T, K) of queries (heads, T, d) to keys (kv heads, K, d).

    It is in the precision of q and k. `sinks` are (heads,). Rows sum to 1, or to less where the
    head has a sink; a row that sees no key is NaN. For a block of rows, pass the queries and the
    intervals of the block.

    >>> q = k = np.eye(2)[None]
    >>> rule = ScoreRule(scaling=1.0, mask=Mask("causal"))
    >>> attention(q, k, rule, mask_intervals(rule.mask, 2, 2)).round(3).tolist()
    [[[1.0, 0.0], [0.269, 0.731]]]
    """
    s = scores(q, k, rule)
    if bias is not None:
        s = s + bias.rows(intervals).astype(s.dtype)
    return normalise(s, log_sum_exp(s, intervals, sinks), intervals)
