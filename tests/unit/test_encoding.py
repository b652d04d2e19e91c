"""Codes: what is decoded is within half a code step of what was encoded."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.encoding import (
    DENSE_TYPES,
    PACKED,
    QUERY_KEY_TYPES,
    Errors,
    bits_of,
    decode_dense,
    dense_round_trip,
    encode_dense,
    encode_query_key,
)
from attnviz.score import Bias, Intervals, Mask, ScoreRule, attention, mask_intervals
from tests.fixtures import textbook

FULL = ScoreRule(0.5, Mask("full"))


def layer(seed, kv_heads=2, group=2, tokens=6, size=4, spread=1.0):
    rng = np.random.default_rng(seed)
    q, k = (rng.normal(0, spread, (h, tokens, size)) for h in (kv_heads * group, kv_heads))
    offset = rng.normal(
        0, 3, (kv_heads, 1, size)
    )  # keys have a large mean, and channels of different size
    balance = np.exp(rng.normal(0, 2, size))
    return (q * balance).astype(np.float32), ((k + offset) / balance).astype(np.float32)


def query_key(q, k, rule, intervals, encoding, noise=0.01, **further):
    """Codes; packed ones are to move scores by `noise`."""
    noises = np.full(len(k), noise) if encoding == PACKED else None
    return encode_query_key(q, k, rule, intervals, encoding=encoding, noise=noises, **further)


seeds = st.integers(0, 2**32 - 1)
masks = st.sampled_from([Mask("full"), Mask("causal"), Mask("band", 2, 1), Mask("band", 0, 0)])


# ---- dense


@given(seeds, masks, st.sampled_from(list(DENSE_TYPES)), st.sampled_from([0.1, 2.0, 12.0]))
def test_dense_codes_are_within_half_a_step_of_the_cube_root(seed, mask, encoding, spread):
    q, k = layer(seed, spread=spread)
    intervals = mask_intervals(mask, 6, 6)
    a = attention(q, k, FULL, intervals)
    decoded = decode_dense(encode_dense(a, encoding), intervals)
    roots = [np.cbrt(x / x.max(-1, keepdims=True)) for x in (a.astype(np.float64), decoded)]
    assert np.abs(roots[0] - roots[1]).max() <= 0.5001 / np.iinfo(DENSE_TYPES[encoding]).max + 1e-7
    assert decoded.dtype == np.float64
    assert decoded.sum(-1) == pytest.approx(1, abs=1e-12)
    assert (decoded[:, ~intervals.allowed()] == 0).all()
    assert (
        decoded.max(-1) == np.take_along_axis(decoded, a.argmax(-1)[..., None], -1)[..., 0]
    ).all()


def test_dense_rows_without_attention_are_not_numbers():
    intervals = Intervals(np.array([0, 1]), np.array([0, 2]), 2)
    a = np.array([[[np.nan, np.nan], [0.25, 0.75]]])
    codes = encode_dense(a, "dense-uint16")
    decoded = decode_dense(codes, intervals)
    assert codes[0, 0].tolist() == [0, 0]
    assert np.isnan(decoded[0, 0]).all()
    assert decoded[0, 1] == pytest.approx([0.25, 0.75], abs=1e-4)


@given(seeds)
def test_dense_rows_keep_the_mass_that_a_sink_leaves(seed):
    q, k = layer(seed)
    intervals = mask_intervals(Mask("causal"), 6, 6)
    a = attention(q, k, FULL, intervals, sinks=np.array([-20.0, 0.0, 3.0, 30.0]))
    decoded = dense_round_trip(a, intervals, True, "dense-uint16")
    assert decoded.sum(-1) == pytest.approx(a.sum(-1), rel=1e-6)
    assert np.abs(decoded - a).max() < 2e-4


# ---- query–key


BY_ROWS = ("query-key-int8", "query-key-int16")


@given(seeds, masks, st.sampled_from(BY_ROWS))
def test_vectors_are_within_half_a_step_of_their_row(seed, mask, encoding):
    q, k = layer(seed)
    codes = query_key(q, k, FULL, mask_intervals(mask, 6, 6), encoding)
    q_back, k_back = codes.vectors()
    balance = codes.balance.astype(np.float64)
    q_off = np.abs(q - q_back) * np.repeat(balance, 2, 0)[:, None]
    k_off = np.abs(k - k_back) / balance[:, None]
    assert (
        np.abs(codes.q_codes).max()
        == np.abs(codes.k_codes).max()
        == np.iinfo(QUERY_KEY_TYPES[encoding]).max
    )
    assert (q_off <= 0.5001 * codes.q_scale[..., None] + 1e-6).all()
    assert (k_off <= 0.5001 * codes.k_scale[..., None] + 1e-6).all()


@given(seeds, masks)
def test_float_vectors_are_the_models(seed, mask):
    q, k = layer(seed)
    codes = query_key(q, k, FULL, mask_intervals(mask, 6, 6), "query-key-float32")
    q_back, k_back = codes.vectors()
    balance = codes.balance.astype(np.float64)
    assert np.abs((q - q_back) * np.repeat(balance, 2, 0)[:, None]).max() < 1e-5
    assert np.abs((k - k_back) / balance[:, None]).max() < 1e-5


@given(seeds, masks, st.sampled_from([1e-4, 0.01, 0.3]))
def test_packed_vectors_are_within_half_a_step_of_their_channel(seed, mask, noise):
    q, k = layer(seed)
    codes = query_key(q, k, FULL, mask_intervals(mask, 6, 6), PACKED, noise)
    q_back, k_back = codes.vectors()
    steps = np.repeat(codes.q_step, 2, 0)[:, None]
    assert (np.abs(q - q_back) <= 0.5001 * steps + 1e-6 * np.abs(q)).all()
    assert (np.abs(k - k_back) <= 0.5001 * codes.k_step[:, None] + 1e-6 * np.abs(k)).all()


@pytest.mark.parametrize("noise", [0.003, 0.03])
def test_packed_scores_are_moved_by_the_noise(noise):
    rng = np.random.default_rng(5)
    spread = np.exp(rng.normal(0, 1.5, 16))
    q, k = rng.normal(size=(4, 200, 16)) * spread, rng.normal(size=(2, 200, 16)) / spread[::-1]
    codes = query_key(q, k, FULL, mask_intervals(Mask("full"), 200, 200), PACKED, noise)
    truth = np.einsum("hqd,hkd->hqk", q, np.repeat(k, 2, 0)) * FULL.scaling
    off = codes.scores(FULL) - truth
    assert off.std((1, 2)) == pytest.approx(noise, rel=0.1)


def test_packed_codes_spend_bits_where_scores_come_from():
    """A channel that is 16 times as strong on both sides moves scores by 256 times as much: its
    steps are 16 times as fine for its size, which is 4 bits a value more."""
    rng = np.random.default_rng(6)
    strength = np.repeat([1.0, 16.0], 8)
    q, k = (rng.normal(size=(1, 400, 16)) * strength for _ in "qk")
    codes = query_key(q, k, FULL, mask_intervals(Mask("full"), 400, 400), PACKED)
    spread = codes.q_codes[0].std(0)
    assert spread[8:].mean() / spread[:8].mean() == pytest.approx(256**0.5 * 16, rel=0.05)


@given(seeds)
def test_codes_of_half_the_noise_take_a_bit_more_a_value(seed):
    q, k = layer(seed, tokens=60, size=8)
    intervals = mask_intervals(Mask("causal"), 60, 60)
    coarse, fine = (
        bits_of(query_key(q, k, FULL, intervals, PACKED, noise)) for noise in (2e-4, 1e-4)
    )
    values = (2 * 60 + 60) * 8
    assert (fine - coarse) / values == pytest.approx(np.ones(2), abs=0.1)


@given(
    seeds,
    masks,
    st.sampled_from(list(QUERY_KEY_TYPES)),
    st.sampled_from([None, 2.0]),
    st.booleans(),
)
def test_attention_from_codes_is_the_textbooks_of_their_vectors(
    seed, mask, encoding, softcap, with_sinks
):
    q, k = layer(seed)
    rule, intervals = replace(FULL, softcap=softcap), mask_intervals(mask, 6, 6)
    sinks = np.array([0.5, -1.0, 2.0, 0.0]) if with_sinks else None
    codes = query_key(q, k, rule, intervals, encoding, sinks=sinks)
    a = codes.attention(rule, intervals)
    q_back, k_back = codes.vectors()
    for head in range(4):
        expected = textbook.attention(
            q_back[head],
            k_back[head // 2],
            rule.scaling,
            lambda i, j: intervals.allowed()[i, j],
            softcap=softcap,
            sink=None if sinks is None else sinks[head],
        )
        # Packed codes have the log-sum-exp in units of some 10⁻⁹.
        assert a[head] == pytest.approx(
            np.array(expected), abs=1e-7 if encoding == PACKED else 1e-9
        )


@given(seeds)
def test_more_bits_are_truer(seed):
    q, k = layer(seed, tokens=12, size=8)
    intervals = mask_intervals(Mask("causal"), 12, 12)
    truth = attention(q.astype(np.float64), k.astype(np.float64), FULL, intervals)
    codes = [query_key(q, k, FULL, intervals, e) for e in (*BY_ROWS, "query-key-float32")]
    errors = [np.abs(each.attention(FULL, intervals) - truth).max() for each in codes]
    assert errors[1] <= max(errors[0] / 20, 1e-6)
    assert errors[2] <= max(errors[1] / 20, 1e-6)


@pytest.mark.parametrize("encoding", QUERY_KEY_TYPES)
def test_vectors_of_zeros_are_attention_alike(encoding):
    q, k = np.zeros((2, 3, 4), np.float32), np.zeros((1, 3, 4), np.float32)
    intervals = mask_intervals(Mask("full"), 3, 3)
    codes = query_key(q, k, FULL, intervals, encoding)
    assert codes.attention(FULL, intervals) == pytest.approx(1 / 3)
    assert np.isfinite(codes.balance).all()


@given(seeds, st.sampled_from(list(QUERY_KEY_TYPES)))
def test_a_kv_head_is_coded_alone(seed, encoding):
    q, k = layer(seed, kv_heads=3)
    intervals = mask_intervals(Mask("causal"), 6, 6)
    together = query_key(q, k, FULL, intervals, encoding)
    for kv_head in range(3):
        mates = slice(2 * kv_head, 2 * kv_head + 2)
        alone = query_key(q[mates], k[kv_head : kv_head + 1], FULL, intervals, encoding)
        for name, value in vars(together.heads(kv_head)).items():
            assert value is None or np.allclose(value, getattr(alone, name), atol=1e-12), name


@given(seeds, st.slices(6).filter(lambda rows: rows.step in (None, 1)))
def test_a_block_of_rows_is_those_rows(seed, rows):
    q, k = layer(seed)
    intervals = mask_intervals(Mask("band", 2, 1), 6, 6)
    codes = encode_query_key(q, k, FULL, intervals, encoding="query-key-int8")
    block = codes.rows(rows).attention(FULL, intervals.rows(rows))
    assert np.allclose(block, codes.attention(FULL, intervals)[:, rows], atol=1e-12)


# ---- errors


@given(seeds)
def test_errors_of_parts_are_those_of_all_rows(seed):
    rng = np.random.default_rng(seed)
    documents = [
        (rng.random((3, n, n)), rng.random((3, n, n)), rng.random(n) < 0.8) for n in (2, 5, 9)
    ]
    total, tv, rows, worst = Errors.none(3), np.zeros(3), 0, np.zeros(3)
    for truth, decoded, defined in documents:
        errors = Errors.none(3)
        for block in (slice(0, 2), slice(2, None)):
            errors.add(truth[:, block], decoded[:, block], defined[block])
        total.merge(errors)
        apart = (np.abs(truth - decoded).sum(-1) / 2)[:, defined]
        tv, rows = tv + apart.sum(-1), rows + apart.shape[1]
        worst = np.maximum(worst, apart.mean(-1) if apart.size else 0)
    assert total.total_variation == pytest.approx(tv)
    assert total.rows.tolist() == [rows] * 3
    assert total.worst == pytest.approx(worst)


def blocks_of(values, size=16):
    """Errors of blocks of rows whose total variations are these, (rows,), for one head."""
    blocks = []
    for start in range(0, len(values), size):
        part = values[start : start + size]
        truth = np.stack([0.5 + part, 0.5 - part], -1)[None]  # (head, row, key)
        block = Errors.none(1)
        block.add(truth, np.full_like(truth, 0.5), np.ones(len(part), bool))
        blocks.append(block)
    return blocks


def test_a_long_document_counts_as_its_rows_do_though_few_are_measured():
    long = Errors.of_sample(blocks_of(np.full(512, 0.01)), 8192, 1 / 16)
    long.merge(Errors.of_sample(blocks_of(np.full(100, 0.2)), 100, 1.0))
    assert long.rows == 612
    assert long.total_variation / long.all_rows == pytest.approx((8192 * 0.01 + 20) / 8292)
    assert long.worst == pytest.approx(0.2)


def test_the_stated_error_of_a_sampled_certificate_covers_the_truth():
    rng = np.random.default_rng(0)
    values = np.repeat(rng.gamma(2, 0.01, 256), 16) * rng.uniform(0.8, 1.2, 4096)
    blocks, off = blocks_of(values), []
    for seed in range(150):
        drawn = np.random.default_rng(seed).choice(256, 32, replace=False)
        sample = Errors.of_sample([blocks[i] for i in drawn], 4096, 32 / 256)
        error = np.sqrt(sample.variation_variance) / 4096
        off.append(((sample.total_variation / 4096 - values.mean()) / error).item())
    assert 0.86 <= (np.abs(off) < 1.96).mean() <= 0.99
    assert abs(np.mean(off)) < 0.4


def test_all_rows_of_a_document_have_no_error():
    errors = Errors.of_sample(blocks_of(np.linspace(0, 0.1, 64)), 64, 1.0)
    assert (errors.variation_variance, errors.worst_variance) == (0, 0)
    assert errors.total_variation == pytest.approx(64 * 0.05)


def test_the_worst_head_of_a_group_counts():
    errors = Errors.none(4)
    truth = np.tile([[1.0, 0.0]], (4, 3, 1))
    decoded = truth.copy()
    decoded[1] = [0.9, 0.1]
    errors.add(truth, decoded, np.ones(3, bool))
    variation, largest = errors.by_group(2)
    assert variation == pytest.approx([0.1, 0])
    assert largest == pytest.approx([0.1, 0])


def test_the_log_sum_exp_of_some_blocks_is_that_of_all_rows():
    """A band's last rows see keys to the end, its first ones few: no block reads more keys."""
    rng = np.random.default_rng(3)
    q, k = rng.normal(size=(4, 50, 8)), rng.normal(size=(2, 50, 8))
    rule = ScoreRule(0.4, Mask("band", before=6, after=2), bias="relative")
    bias = Bias("relative", rng.normal(size=(4, 21)).astype(np.float32))
    intervals = mask_intervals(rule.mask, 50, 50)
    codes = encode_query_key(q, k, rule, intervals, encoding="query-key-int16", bias=bias)
    s = codes.scores(rule) + bias.rows(intervals)
    expected = np.log(np.where(intervals.allowed(), np.exp(s), 0).sum(-1))
    assert np.abs(codes.lse - expected).max() < 1e-12
    blocks = [slice(3, 9), slice(40, 50)]
    codes = encode_query_key(
        q, k, rule, intervals, encoding="query-key-int16", bias=bias, rows=blocks
    )
    for rows in blocks:
        assert np.abs(codes.lse[:, rows] - expected[:, rows]).max() < 1e-12
