"""Codes for attention, their decoding, and the measured error that chooses between them.

- Dense codes hold the attention itself: the cube root of p relative to its row's maximum, as uint8
  or uint16.
- Query–key codes hold the vectors that attention is recomputed from, keys centred over the
  document, channels balanced between q and k: integers with one step per channel, which `rice`
  packs; integers with one scale per row; or float32.

docs/reference/report-format.md has the definitions. Decoding is float64, so that this module and
site_templates/src/data/encoding agree to rounding. Nothing here reads or writes files: shards
are made of these codes elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from attnviz.rice import LARGEST, packed_bits
from attnviz.score import Array, Bias, Intervals, ScoreRule, cap, log_sum_exp, normalise

DENSE_TYPES: Final[dict[str, np.dtype[Any]]] = {
    "dense-uint8": np.dtype(np.uint8),
    "dense-uint16": np.dtype(np.uint16),
}
PACKED: Final = "query-key-packed"
QUERY_KEY_TYPES: Final[dict[str, np.dtype[Any]]] = {
    PACKED: np.dtype(np.int32),
    "query-key-int8": np.dtype(np.int8),
    "query-key-int16": np.dtype(np.int16),
    "query-key-float32": np.dtype(np.float32),
}
ENCODINGS: Final = (*DENSE_TYPES, *QUERY_KEY_TYPES)


def encode_dense(a: Array, encoding: str) -> Array:
    """Codes (heads, T, K) of attention (heads, T, K): rint(∛(p / max p) · largest code).

    Codes of keys that the mask forbids and of rows without attention are 0 and need not be stored.

    >>> encode_dense(np.array([[[0.8, 0.1, 0.1]]]), "dense-uint8").tolist()
    [[[255, 128, 128]]]
    """
    dtype = DENSE_TYPES[encoding]
    peak = np.nan_to_num(a).max(-1, keepdims=True)
    with np.errstate(divide="ignore", invalid="ignore"):
        relative = np.nan_to_num(a / peak)
    codes: Array = np.rint(np.cbrt(relative) * np.iinfo(dtype).max).astype(dtype)
    return codes


def decode_dense(codes: Array, intervals: Intervals, mass: Array | None = None) -> Array:
    """Attention (heads, T, K), float64, from dense codes (heads, T, K).

    Rows sum to 1, or to `mass` (heads, T) where heads have sinks. A row that sees no key is NaN.
    """
    cubes = codes.astype(np.float64) ** 3
    total = cubes.sum(-1, keepdims=True)
    with np.errstate(invalid="ignore"):
        a: Array = cubes / total
    if mass is not None:
        a *= mass[..., None].astype(np.float64)
    a[:, ~intervals.defined] = np.nan
    return a


@dataclass(frozen=True, kw_only=True)
class QueryKeyCodes:
    """One document's queries and keys in one layer, or in a slice of its heads.

    With b the balance and m the mean, q·b = q_codes · q_scale and k / b = k_codes · k_scale + m,
    where packed codes have steps in place of scales, and b = 1. Float32 codes have neither.
    """

    q_codes: Array  # (heads, T, d)
    q_scale: Array | None  # (heads, T)
    k_codes: Array  # (kv heads, K, d)
    k_scale: Array | None  # (kv heads, K)
    mean: Array  # (kv heads, d)
    balance: Array  # (kv heads, d)
    lse: Array  # (heads, T), float64
    q_step: Array | None = None  # (kv heads, d)
    k_step: Array | None = None  # (kv heads, d)

    def heads(self, kv_head: int) -> QueryKeyCodes:
        """The codes of one kv head and of the query heads that read it."""
        group = len(self.q_codes) // len(self.k_codes)
        heads = slice(kv_head * group, (kv_head + 1) * group)
        kv = slice(kv_head, kv_head + 1)
        return QueryKeyCodes(
            q_codes=self.q_codes[heads],
            q_scale=None if self.q_scale is None else self.q_scale[heads],
            k_codes=self.k_codes[kv],
            k_scale=None if self.k_scale is None else self.k_scale[kv],
            mean=self.mean[kv],
            balance=self.balance[kv],
            lse=self.lse[heads],
            q_step=None if self.q_step is None else self.q_step[kv],
            k_step=None if self.k_step is None else self.k_step[kv],
        )

    def vectors(self) -> tuple[Array, Array]:
        """The model's queries (heads, T, d) and keys (kv heads, K, d) as the codes keep them,
        float64."""
        group = len(self.q_codes) // len(self.k_codes)
        balance = self.balance.astype(np.float64)
        mean = self.mean[:, None].astype(np.float64)
        q = self._queries().reshape(self.q_codes.shape) / np.repeat(balance, group, 0)[:, None]
        k = (self._keys() + mean) * balance[:, None]
        return q, k

    def _queries(self) -> Array:
        """q·b, (kv heads, heads · T, d) float64."""
        kv_heads, size = self.k_codes.shape[0], self.k_codes.shape[2]
        q = _scaled(self.q_codes, self.q_scale).reshape(kv_heads, -1, size)
        return q if self.q_step is None else q * self.q_step.astype(np.float64)[:, None]

    def _keys(self) -> Array:
        """k / b without the mean, (kv heads, K, d) float64."""
        k = _scaled(self.k_codes, self.k_scale)
        return k if self.k_step is None else k * self.k_step.astype(np.float64)[:, None]

    def rows(self, block: slice) -> QueryKeyCodes:
        """The codes of a block of query rows, with all keys."""
        return replace(
            self,
            q_codes=self.q_codes[:, block],
            q_scale=None if self.q_scale is None else self.q_scale[:, block],
            lse=self.lse[:, block],
        )

    def scores(self, rule: ScoreRule) -> Array:
        """Decoded scores (heads, T, K) before bias and mask, float64."""
        return self._scores_of(self._keys(), rule)

    def _scores_of(self, k: Array, rule: ScoreRule) -> Array:
        """The same to decoded keys (kv heads, K, d), float64, without their mean: whoever asks for
        one block of rows after another decodes them once."""
        heads, rows, _ = self.q_codes.shape
        q = self._queries()
        # q·(k + mean), the mean's part apart: it is one number per row.
        product = q @ k.transpose(0, 2, 1)
        product += q @ self.mean.astype(np.float64)[:, :, None]
        product *= rule.scaling
        return cap(product.reshape(heads, rows, k.shape[1]), rule)

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
    *,
    encoding: str,
    noise: Array | None = None,
    sinks: Array | None = None,
    bias: Bias | None = None,
    rows: Sequence[slice] | None = None,
) -> QueryKeyCodes:
    """Codes of queries (heads, T, d) and keys (kv heads, K, d) of one document in one layer.

    Keys are centred over the document. Softmax does not see a constant added to a row's scores, but
    a soft cap does, so the mean is kept and added back. Each channel is balanced between q and k,
    so that neither side alone uses up the codes. Packed codes need the `noise` (kv heads,), how far
    rounding may move a score, as a standard deviation; other codes take none.

    The log-sum-exp takes most of the time; it is computed for the blocks `rows`, by default for
    all rows, and undefined elsewhere.
    """
    kv_heads, _, size = k.shape
    # Balance the channels: q·b and (k − centre) / b have the same size in each.
    centre = k.mean(1, keepdims=True, dtype=np.float64)  # (kv head, 1, d)
    grouped = q.reshape(kv_heads, -1, size)  # (kv head, head · query, d)
    balance = _balance(grouped, k - centre)  # (kv head, d)
    if encoding == PACKED:
        assert noise is not None
        codes = _packed(grouped, k, centre[:, 0], balance, noise / rule.scaling)
    else:
        codes = _by_rows(grouped, k, centre[:, 0], balance, QUERY_KEY_TYPES[encoding])
    codes = replace(
        codes,
        q_codes=codes.q_codes.reshape(q.shape),
        q_scale=None if codes.q_scale is None else codes.q_scale.reshape(q.shape[:2]),
        lse=np.zeros(q.shape[:2]),
    )
    # Normalise by the scores that a reader will decode, block by block.
    decoded = codes._keys()  # (kv head, key, d)
    for block in intervals.blocks(len(q)) if rows is None else rows:
        visible = intervals.rows(block).near()
        s = codes.rows(block)._scores_of(decoded[:, : visible.keys], rule)
        codes.lse[:, block] = log_sum_exp(_biased(s, visible, bias), visible, sinks)
    return codes if encoding != PACKED else replace(codes, lse=_in_units(codes.lse))


def _balance(q: Array, k: Array) -> Array:
    """√(rms k / rms q) of each channel, (kv heads, d) float32; 1 where either side is 0."""
    q_rms, k_rms = (np.sqrt(np.square(x, dtype=np.float64).mean(1)) for x in (q, k))
    live = (q_rms > 0) & (k_rms > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(live, np.sqrt(k_rms / q_rms), 1).astype(np.float32)


def lse_unit(lse: Array) -> Array:
    """What one head's log-sum-exp (…, T) is stored in whole numbers of, (…, 1) float64, so that 31
    bits hold the largest: rows are exact to half of it, 10⁻⁷ where scores are of some hundreds.

    >>> lse_unit(np.array([3.0, -5.5])) * 2**30
    array([8.])
    """
    largest = np.abs(np.where(np.isfinite(lse), lse, 0)).max(-1, keepdims=True, initial=1)
    unit: Array = np.exp2(np.ceil(np.log2(largest)) - 30)
    return unit


def _in_units(lse: Array) -> Array:
    """The same in whole units; 0 where a row sees no key."""
    unit = lse_unit(lse)
    return np.rint(np.where(np.isfinite(lse), lse, 0) / unit) * unit


def _by_rows(
    q: Array, k: Array, centre: Array, balance: Array, dtype: np.dtype[Any]
) -> QueryKeyCodes:
    """Codes of q and k (kv heads, …, d) with one scale per row; without lse."""
    mean = (centre / balance).astype(np.float32)
    q_codes, q_scale = _quantise(q * balance[:, None], dtype)
    k_codes, k_scale = _quantise(k / balance[:, None] - mean[:, None], dtype)
    return QueryKeyCodes(
        q_codes=q_codes,
        q_scale=q_scale,
        k_codes=k_codes,
        k_scale=k_scale,
        mean=mean,
        balance=balance,
        lse=np.empty(0),
    )


def _packed(q: Array, k: Array, centre: Array, balance: Array, noise: Array) -> QueryKeyCodes:
    """Codes of q and k (kv heads, …, d) with one step per channel; without lse.

    Rounding moves their products by `noise` (kv heads,), as a standard deviation: a step s in
    channel c moves a product by s² (E q² + E k²) / 12, as a variance, and the bits of all channels,
    Σ −log s, are fewest where the channels move it alike ("reverse water-filling", Cover and
    Thomas, *Elements of Information Theory*, 10.3.3).
    """
    mean = centre.astype(np.float32)
    centred = k - mean[:, None].astype(np.float64)
    q_power, k_power = (np.square(x, dtype=np.float64).mean(1) for x in (q, centred))
    power = np.sqrt(q_power * k_power)  # of either side when balanced
    # A channel of next to nothing moves no score; it is kept within a thousandth all the same.
    least = np.maximum(power.max(-1, keepdims=True) * 1e-6, np.finfo(np.float32).tiny)
    step = noise[:, None] * np.sqrt(6 / q.shape[-1] / np.maximum(power, least))
    q_step, q_codes = _rounded(q, step / balance)
    k_step, k_codes = _rounded(centred, step * balance)
    return QueryKeyCodes(
        q_codes=q_codes,
        q_scale=None,
        k_codes=k_codes,
        k_scale=None,
        mean=mean,
        balance=np.ones_like(mean),
        lse=np.empty(0),
        q_step=q_step,
        k_step=k_step,
    )


def _rounded(x: Array, step: Array) -> tuple[Array, Array]:
    """Steps (kv heads, d) float32, no finer than `rice` can hold, and the codes of x (kv heads, …,
    d) in them."""
    finest = np.abs(x).max(1, initial=0) / (LARGEST - 1)  # (kv head, d)
    steps = np.maximum(step, finest).astype(np.float32)
    return steps, np.rint(x / steps[:, None].astype(np.float64)).astype(np.int32)


def _quantise(x: Array, dtype: np.dtype[Any]) -> tuple[Array, Array | None]:
    """Codes of the shape of x, and one float32 scale per row; float32 codes need no scale."""
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
    """Bytes as stored of one document for one kv head and the `group` heads that read it.

    Vectors have `size` channels.
    """
    if encoding == PACKED:
        return packed_bytes(intervals, group, size, BITS)
    rows, keys = len(intervals.lo), intervals.keys
    row_overhead = 32  # the fixed columns and list offsets of one Arrow row
    if encoding in DENSE_TYPES:
        visible = int((intervals.hi - intervals.lo).clip(0).sum())
        return group * (visible * DENSE_TYPES[encoding].itemsize + row_overhead)
    width = size * QUERY_KEY_TYPES[encoding].itemsize + (0 if encoding.endswith("float32") else 4)
    queries = group * (rows * (width + 8) + 4 * size + row_overhead)
    return queries + keys * width + 8 * size + row_overhead


BITS: Final = 7.0
"""About how many bits packed codes take a value: MiniLM's on a text of 512 tokens."""


def packed_bytes(intervals: Intervals, group: int, size: int, bits: float) -> int:
    """Bytes as stored of one document in packed codes of so many bits a value, as in
    `stored_bytes`."""
    rows, keys = len(intervals.lo), intervals.keys
    overhead = group * (9 * size + 64) + 13 * size + 64  # channels' columns, and the fixed ones
    return int((group * rows + keys) * size * bits / 8) + group * rows * 4 + overhead


def bits_of(codes: QueryKeyCodes) -> Array:
    """How many bits packed codes take, (kv heads,), queries and keys together."""
    kv_heads = len(codes.k_codes)
    queries = codes.q_codes.reshape(kv_heads, -1, *codes.q_codes.shape[1:])
    return np.array(
        [
            sum(map(packed_bits, heads)) + packed_bits(keys)
            for heads, keys in zip(queries, codes.k_codes, strict=True)
        ]
    )


def dense_round_trip(a: Array, intervals: Intervals, has_sinks: bool, encoding: str) -> Array:
    """Attention (heads, T, K) as a reader decodes it from this dense encoding."""
    mass = a.sum(-1).astype(np.float32) if has_sinks else None
    return decode_dense(encode_dense(a, encoding), intervals, mass)


@dataclass
class Errors:
    """Running error of decoded attention against the model's own; all arrays are (heads,) float64.

    Total variation is half the sum of a row's absolute differences, from 0 to 1. The order of
    documents changes only the last bits of the sums.
    """

    total_variation: Array  # summed over rows
    max_error: Array  # largest absolute difference of any entry
    top1: Array  # rows whose most attended key is the same
    rows: Array  # rows measured
    worst: Array  # largest mean total variation of a document
    all_rows: Array  # rows that the sums stand for, more than `rows` where these are a sample
    variation_variance: Array  # of the sum of total variation, by sampling
    top1_variance: Array  # of the sum of top1
    worst_variance: Array  # of the worst document's mean

    @classmethod
    def none(cls, heads: int) -> Errors:
        """No rows measured yet."""
        return cls(*(np.zeros(heads) for _ in range(9)))

    @classmethod
    def of_sample(cls, blocks: Sequence[Errors], rows: int, share: float) -> Errors:
        """Errors of a document of so many rows, from blocks of its rows that are a simple random
        sample: this share of all blocks. Sums stand for all its rows, so that a long document
        counts as much as its rows do, and have the variance of a ratio to size,

            rows² · (1 − share) · Σ (y − ȳ n)² / (m (m − 1) n̄²)

        over m blocks of n rows, with sums y (Cochran 1977, chapter 9A).
        """
        total = cls.none(len(blocks[0].rows))
        for block in blocks:
            total.merge(block)
        n = np.stack([block.rows for block in blocks])  # (block, head)
        m, measured = len(blocks), np.maximum(total.rows, 1)
        scale = rows / measured

        def variance(y: Array) -> Array:
            residual = y - y.sum(0) / measured * n
            spread: Array = (residual**2).sum(0) / (
                max(m - 1, 1) * m * np.maximum(n.mean(0), 1) ** 2
            )
            return rows**2 * (1 - share) * spread

        of_variation = variance(np.stack([block.total_variation for block in blocks]))
        return cls(
            total_variation=total.total_variation * scale,
            max_error=total.max_error,
            top1=total.top1 * scale,
            rows=total.rows,
            worst=total.total_variation / measured,
            all_rows=np.full_like(total.rows, rows),
            variation_variance=of_variation,
            top1_variance=variance(np.stack([block.top1 for block in blocks])),
            worst_variance=of_variation / max(rows, 1) ** 2,
        )

    def add(self, truth: Array, decoded: Array, defined: Array) -> None:
        """Add a block of rows: the model's attention and the decoded one, (heads, T, K) each.

        `defined` (T,) has the rows that have any attention. `worst` becomes the mean over the rows
        added so far: add the blocks of each document to `Errors` of its own, then `merge` them.
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
        self.all_rows = self.all_rows + variation.shape[-1]
        self.worst = self.total_variation / self.rows

    def merge(self, other: Errors) -> None:
        """Add the errors of other documents."""
        self.total_variation = self.total_variation + other.total_variation
        self.max_error = np.maximum(self.max_error, other.max_error)
        self.top1 = self.top1 + other.top1
        self.rows = self.rows + other.rows
        self.all_rows = self.all_rows + other.all_rows
        self.variation_variance = self.variation_variance + other.variation_variance
        self.top1_variance = self.top1_variance + other.top1_variance
        worse = other.worst > self.worst
        self.worst_variance = np.where(worse, other.worst_variance, self.worst_variance)
        self.worst = np.maximum(self.worst, other.worst)

    def by_group(self, group: int) -> tuple[Array, Array]:
        """Mean total variation and largest error, (kv heads,) each, of each group's worst head."""
        means = self.total_variation / np.maximum(self.all_rows, 1)
        return means.reshape(-1, group).max(-1), self.max_error.reshape(-1, group).max(-1)
