"""How far attention is off when a head's scores have its first components alone."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.interactions import Interaction
from attnviz.score import Array, Bias, Intervals, ScoreRule, cap, log_sum_exp, normalise, scores

WORST: Final = 0.9
"""The quantile of rows that is told beside the mean."""


@dataclass(frozen=True)
class TotalVariation:
    """Of each head, (heads,): the mean over rows, and what nine of ten rows stay below; and how
    many rows there were. NaN of none."""

    mean: Array
    worst: Array
    rows: int


@dataclass(frozen=True)
class ScoredVectors:
    """What a layer's scores on a document are made from: queries (heads, T, d) and keys (kv heads,
    K, d) as they are attended with, and before rotary embedding; the rule, and what heads add."""

    q: Array
    k: Array
    before: tuple[Array, Array]
    rule: ScoreRule
    intervals: Intervals
    sinks: Array | None
    bias: Bias | None

    def attention(self, rows: slice, less: Array | None = None) -> Array:
        """Attention (heads, rows, K), with `less` (heads, rows, K) taken from the scaled
        products."""
        intervals = self.intervals.rows(rows)
        product = scores(self.q[:, rows], self.k, _uncapped(self.rule))
        if less is not None:
            product = product - less
        s = cap(product, self.rule)
        if self.bias is not None:
            s = s + self.bias.rows(intervals).astype(s.dtype)
        return normalise(s, log_sum_exp(s, intervals, self.sinks), intervals)


def rows_off(vectors: ScoredVectors, of: Sequence[Interaction]) -> Array:
    """Total variation of each row that sees a key, (heads, rows) float32, between attention as it
    is and attention when what no component of the interactions carries is taken from the scores:
    components, what key and query add alone, position and bias remain."""
    queries, keys = vectors.before
    group = len(queries) // len(keys)
    off = []
    left = np.stack(
        [(q - head.mean_query) @ head.rest() for q, head in zip(queries, of, strict=True)]
    )
    centred = np.stack([k - of[kv * group].mean_key for kv, k in enumerate(keys)])
    left, centred = left.astype(np.float32), centred.astype(np.float32)
    for rows in vectors.intervals.blocks(len(queries)):
        seeing = vectors.intervals.rows(rows).defined
        a = vectors.attention(rows)[:, seeing]
        rest = scores(left[:, rows], centred, _uncapped(vectors.rule))
        kept = vectors.attention(rows, rest)[:, seeing]
        # What goes to a sink is one more entry of a row.
        sinks = np.abs(a.sum(-1) - kept.sum(-1))
        off.append(((np.abs(a - kept).sum(-1) + sinks) / 2).astype(np.float32))
    return np.concatenate(off, 1) if off else np.zeros((len(queries), 0), np.float32)


def summarised(off: Sequence[Array]) -> TotalVariation:
    """Over the rows of several documents, (heads, rows) each."""
    joined = np.concatenate(off, 1) if off else np.zeros((0, 0), np.float32)
    if not joined.shape[1]:
        nothing = np.full(len(joined), np.nan)
        return TotalVariation(nothing, nothing, 0)
    mean = joined.mean(1, dtype=np.float64)
    return TotalVariation(mean, np.quantile(joined, WORST, axis=1), joined.shape[1])


def _uncapped(rule: ScoreRule) -> ScoreRule:
    return ScoreRule(rule.scaling, rule.mask)
