"""Codes for attention: dense (the attention itself) and query–key (the vectors it is recomputed
from).

Dense: the cube root of p relative to its row's maximum, uint8 or uint16. Query–key: integers with
one scale a row; keys centred over the document, channels balanced. docs/reference/report-format.md
has the definitions; decoding is float64, so that this module and
site_templates/src/data/encoding.js agree to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from attnviz.score import Array, Bias, Intervals, ScoreRule, cap, log_sum_exp, normalise

DENSE_TYPES: Final[dict[str, np.dtype[Any]]] = {
    "dense-uint8": np.dtype(np.uint8),
    "dense-uint16": np.dtype(np.uint16),
}
QUERY_KEY_TYPES: Final[dict[str, np.dtype[Any]]] = {
    "query-key-int8": np.dtype(np.int8),
    "query-key-int16": np.dtype(np.int16),
    "query-key-float32": np.dtype(np.float32),
}
ENCODINGS: Final = (*DENSE_TYPES, *QUERY_KEY_TYPES)


def encode_dense(a: Array, encoding: str) -> Array:
    """Codes (heads, T, K) of attention (heads, T, K); codes outside the mask are 0 and need not be
    stored."""
    dtype = DENSE_TYPES[encoding]
    peak = np.nan_to_num(a).max(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.nan_to_num(a / peak)
    codes: Array = np.rint(np.cbrt(relative) * np.iinfo(dtype).max).astype(dtype)
    return codes


def decode_dense(codes: Array, intervals: Intervals, mass: Array | None = None) -> Array:
    """Attention (heads, T, K), float64, from dense codes (heads, T, K); `mass` (heads, T) where
    heads have sinks."""
    cubes = codes.astype(np.float64) ** 3
    total = cubes.sum(-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        a: Array = cubes / total
    if mass is not None:
        a *= mass[..., None].astype(np.float64)
    a[:, ~intervals.defined] = np.nan
    return a


@dataclass(frozen=True)
class QueryKeyCodes:
    """One document's queries and keys in one layer, or in a slice of its heads.

    q_codes (heads, T, d), q_scale (heads, T); k_codes (kv heads, K, d), k_scale (kv heads, K); mean
    and balance (kv heads, d); lse (heads, T) float64. Scales are None for float32 codes.
    """

    q_codes: Array
    q_scale: Array | None
    k_codes: Array
    k_scale: Array | None
    mean: Array
    balance: Array
    lse: Array

    def heads(self, kv_head: int) -> QueryKeyCodes:
        """The codes of one kv head and of the query heads that read it."""
        group = len(self.q_codes) // len(self.k_codes)
        own = slice(kv_head * group, (kv_head + 1) * group)
        kv = slice(kv_head, kv_head + 1)
        return QueryKeyCodes(
            self.q_codes[own],
            None if self.q_scale is None else self.q_scale[own],
            self.k_codes[kv],
            None if self.k_scale is None else self.k_scale[kv],
            self.mean[kv],
            self.balance[kv],
            self.lse[own],
        )

    def vectors(self) -> tuple[Array, Array]:
        """The model's own queries (heads, T, d) and keys (kv heads, K, d) as they are stored,
        float64."""
        group = len(self.q_codes) // len(self.k_codes)
        balance = self.balance.astype(np.float64)
        q = _scaled(self.q_codes, self.q_scale) / np.repeat(balance, group, 0)[:, None]
        k = (_scaled(self.k_codes, self.k_scale) + self.mean[:, None].astype(np.float64)) * balance[
            :, None
        ]
        return q, k

    def rows(self, own: slice) -> QueryKeyCodes:
        """The codes of a block of query rows, with all keys."""
        return replace(
            self,
            q_codes=self.q_codes[:, own],
            q_scale=None if self.q_scale is None else self.q_scale[:, own],
            lse=self.lse[:, own],
        )

    def first_keys(self, count: int) -> QueryKeyCodes:
        """The codes of all queries with the first keys alone."""
        scale = None if self.k_scale is None else self.k_scale[:, :count]
        return replace(self, k_codes=self.k_codes[:, :count], k_scale=scale)

    def scores(self, rule: ScoreRule) -> Array:
        """Decoded scores (heads, T, K) before bias and mask, float64."""
        heads, rows, size = self.q_codes.shape
        kv_heads, keys, _ = self.k_codes.shape
        q = _scaled(self.q_codes, self.q_scale).reshape(kv_heads, -1, size)
        k = _scaled(self.k_codes, self.k_scale)
        product = q @ k.transpose(0, 2, 1) + q @ self.mean.astype(np.float64)[:, :, None]
        return cap(product.reshape(heads, rows, keys) * rule.scaling, rule)

    def attention(self, rule: ScoreRule, intervals: Intervals, bias: Bias | None = None) -> Array:
        """Attention (heads, T, K), float64."""
        return normalise(_biased(self.scores(rule), intervals, bias), self.lse, intervals)


def _biased(s: Array, intervals: Intervals, bias: Bias | None) -> Array:
    biased: Array = s if bias is None else s + bias.rows(intervals).astype(np.float64)
    return biased


def encode_query_key(
    q: Array,
    k: Array,
    rule: ScoreRule,
    intervals: Intervals,
    sinks: Array | None,
    encoding: str,
    bias: Bias | None = None,
    rows: Sequence[slice] | None = None,
) -> QueryKeyCodes:
    """Codes of queries (heads, T, d) and keys (kv heads, K, d) of one document in one layer.

    `rows` are the blocks of rows whose lse is wanted, by default all: it is what takes long.

    Keys are centred (softmax does not see a constant added to a row's scores, but a soft cap does,
    so the mean is kept and added back); each channel is balanced between q and k, so that neither
    spends its codes alone.
    """
    kv_heads, _, size = k.shape
    centre = k.mean(1, keepdims=True, dtype=np.float64)
    grouped = q.reshape(kv_heads, -1, size)
    balance = _balance(grouped, k - centre)
    mean = (centre[:, 0] / balance).astype(np.float32)
    dtype = QUERY_KEY_TYPES[encoding]
    q_codes, q_scale = _quantise((grouped * balance[:, None]).reshape(q.shape), dtype)
    k_codes, k_scale = _quantise(k / balance[:, None] - mean[:, None], dtype)
    codes = QueryKeyCodes(q_codes, q_scale, k_codes, k_scale, mean, balance, np.empty(q.shape[:2]))
    for own in intervals.blocks(len(q)) if rows is None else rows:
        visible = intervals.rows(own).near()
        s = codes.rows(own).first_keys(visible.keys).scores(rule)
        codes.lse[:, own] = log_sum_exp(_biased(s, visible, bias), visible, sinks)
    return codes


def _balance(q: Array, k: Array) -> Array:
    """(kv heads, d) float32: √(rms k / rms q) a channel, 1 where either vanishes."""
    q_rms, k_rms = (np.sqrt(np.square(x, dtype=np.float64).mean(1)) for x in (q, k))
    live = (q_rms > 0) & (k_rms > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(live, np.sqrt(k_rms / q_rms), 1).astype(np.float32)


def _quantise(x: Array, dtype: np.dtype[Any]) -> tuple[Array, Array | None]:
    """Codes like x and one float32 scale a row; float32 codes need no scale."""
    if dtype == np.float32:
        return x.astype(np.float32), None
    levels = np.iinfo(dtype).max
    scale = (np.abs(x).max(-1) / levels).astype(np.float32)
    scale = np.where(scale > 0, scale, np.float32(1))
    codes = np.rint(x / scale[..., None].astype(np.float64))
    return np.clip(codes, -levels, levels).astype(dtype), scale


def _scaled(codes: Array, scale: Array | None) -> Array:
    wide = codes.astype(np.float64)
    return wide if scale is None else wide * scale.astype(np.float64)[..., None]


def stored_bytes(encoding: str, intervals: Intervals, group: int, size: int) -> int:
    """Bytes that one kv head's group of `group` heads with vectors of `size` channels takes for one
    document."""
    rows, keys = len(intervals.lo), intervals.keys
    row_overhead = 32  # the fixed columns and list offsets of one Arrow row
    if encoding in DENSE_TYPES:
        visible = int((intervals.hi - intervals.lo).clip(0).sum())
        return group * (visible * DENSE_TYPES[encoding].itemsize + row_overhead)
    width = size * QUERY_KEY_TYPES[encoding].itemsize + (0 if encoding.endswith("float32") else 4)
    queries = group * (rows * (width + 8) + 4 * size + row_overhead)
    return queries + keys * width + 8 * size + row_overhead


def dense_round_trip(a: Array, intervals: Intervals, has_sinks: bool, encoding: str) -> Array:
    """Attention (heads, T, K) as a reader would see it if it were stored in this dense encoding."""
    mass = a.sum(-1).astype(np.float32) if has_sinks else None
    return decode_dense(encode_dense(a, encoding), intervals, mass)


@dataclass
class Errors:
    """Running error of decoded attention against the model's own, one entry a head.

    Sums are float64, so the order of documents changes only the last bits.
    """

    total_variation: Array
    max_error: Array
    top1: Array
    rows: Array
    worst: Array

    @classmethod
    def none(cls, heads: int) -> Errors:
        return cls(*(np.zeros(heads) for _ in range(5)))

    def add(self, truth: Array, decoded: Array, defined: Array) -> None:
        """Take in one block of rows: two arrays (heads, T, K) and the rows (T,) that have any
        attention.

        `worst` becomes the mean over the rows seen so far: collect each document apart, then
        `merge`.
        """
        if not defined.any():
            return
        truth, decoded = truth[:, defined].astype(np.float64), decoded[:, defined]
        difference = np.abs(truth - decoded)
        variation = difference.sum(-1) / 2
        self.total_variation = self.total_variation + variation.sum(-1)
        self.max_error = np.maximum(self.max_error, difference.max((-1, -2)))
        self.top1 = self.top1 + (truth.argmax(-1) == decoded.argmax(-1)).sum(-1)
        self.rows = self.rows + variation.shape[-1]
        self.worst = self.total_variation / self.rows

    def merge(self, other: Errors) -> None:
        """Take in the errors of other documents."""
        self.total_variation = self.total_variation + other.total_variation
        self.max_error = np.maximum(self.max_error, other.max_error)
        self.top1 = self.top1 + other.top1
        self.rows = self.rows + other.rows
        self.worst = np.maximum(self.worst, other.worst)

    def by_group(self, group: int) -> tuple[Array, Array]:
        """Mean total variation and largest error of the worst head of each kv head's group."""
        means = self.total_variation / np.maximum(self.rows, 1)
        return means.reshape(-1, group).max(-1), self.max_error.reshape(-1, group).max(-1)


def choose_encodings(
    costs: dict[str, int],
    measure: Callable[[str], tuple[Array, Array]],
    kv_heads: int,
    bounds: tuple[float, float],
) -> tuple[list[str | None], tuple[Array, Array]]:
    """For each kv head the cheapest encoding whose measured error stays within the bounds; None
    where none does.

    `measure(encoding)` gives mean total variation and largest error a kv head; it is called for the
    next dearer encoding only while some head is not served. Also returns the last figures measured,
    for the message.
    """
    chosen: list[str | None] = [None] * kv_heads
    figures = (np.zeros(kv_heads), np.zeros(kv_heads))
    for encoding in sorted(costs, key=lambda name: (costs[name], ENCODINGS.index(name))):
        if all(chosen):
            break
        figures = measure(encoding)
        within = (figures[0] <= bounds[0]) & (figures[1] <= bounds[1])
        chosen = [
            old or (encoding if good else None) for old, good in zip(chosen, within, strict=True)
        ]
    return chosen, figures
