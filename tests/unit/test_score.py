"""The score rule against the textbook: every mask, cap, sink, bias and grouping."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.score import (
    Bias,
    Intervals,
    Mask,
    ScoreRule,
    attention,
    log_sum_exp,
    mask_intervals,
    scores,
)
from tests.fixtures import textbook

MASKS = {
    "full": lambda i, j, before, after: True,
    "causal": lambda i, j, before, after: j <= i,
    "band": lambda i, j, before, after: i - before <= j <= i + after,
}


@st.composite
def layers(draw):
    """A layer on one document: queries, keys, a rule, and sinks or none."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    kv_heads, group, size = (
        draw(st.integers(1, 2)),
        draw(st.integers(1, 3)),
        draw(st.integers(1, 4)),
    )
    rows, keys = draw(st.integers(1, 7)), draw(st.integers(1, 7))
    spread = draw(st.sampled_from([0.0, 1.0, 30.0]))
    mask = Mask(
        draw(st.sampled_from(list(MASKS))), draw(st.integers(0, 3)), draw(st.integers(0, 3))
    )
    rule = ScoreRule(draw(st.floats(0.1, 2)), mask, draw(st.none() | st.floats(0.5, 30)))
    q, k = (
        rng.normal(0, spread, (kv_heads * group, rows, size)),
        rng.normal(0, spread, (kv_heads, keys, size)),
    )
    sinks = draw(st.none() | st.just(rng.normal(0, 2, kv_heads * group)))
    return q, k, rule, sinks


@given(layers())
def test_attention_is_the_textbooks(layer):
    q, k, rule, sinks = layer
    intervals = mask_intervals(rule.mask, q.shape[1], k.shape[1])
    a = attention(q, k, rule, intervals, sinks=sinks)

    def may_see(i, j):
        return MASKS[rule.mask.kind](i, j, rule.mask.before, rule.mask.after)

    for head in range(len(q)):
        sink = None if sinks is None else sinks[head]
        expected = textbook.attention(
            q[head],
            k[head * len(k) // len(q)],
            rule.scaling,
            may_see,
            softcap=rule.softcap,
            sink=sink,
        )
        assert a[head] == pytest.approx(np.array(expected), abs=1e-12, nan_ok=True)


@given(layers())
def test_rows_sum_to_one_and_to_what_a_sink_leaves(layer):
    q, k, rule, sinks = layer
    intervals = mask_intervals(rule.mask, q.shape[1], k.shape[1])
    sums = attention(q, k, rule, intervals, sinks=sinks).sum(-1)
    left = np.ones_like(sums)
    if sinks is not None:
        left -= np.exp(sinks[:, None] - log_sum_exp(scores(q, k, rule), intervals, sinks))
    assert sums[:, intervals.defined] == pytest.approx(left[:, intervals.defined], abs=1e-12)
    assert np.isnan(sums[:, ~intervals.defined]).all()


@given(st.sampled_from(list(MASKS)), *[st.integers(0, 9)] * 4)
def test_intervals_are_the_masks_definition(kind, rows, keys, before, after):
    intervals = mask_intervals(Mask(kind, before, after), rows, keys)
    expected = [[MASKS[kind](i, j, before, after) for j in range(keys)] for i in range(rows)]
    assert intervals.allowed().tolist() == expected
    assert intervals.defined.tolist() == [any(row) for row in expected]


def test_intervals_of_a_stored_mask_are_not_guessed():
    with pytest.raises(ValueError, match="stored with each document"):
        mask_intervals(Mask("intervals"), 3, 3)


def test_only_a_row_that_sees_no_key_is_not_a_number():
    q = k = np.ones((2, 3, 4))
    intervals = Intervals(np.array([0, 2, 1]), np.array([2, 2, 3]), 3)
    a = attention(q, k, ScoreRule(1.0, Mask("intervals")), intervals)
    assert np.isnan(a[:, 1]).all()
    assert a[:, [0, 2]] == pytest.approx(np.array([[[0.5, 0.5, 0], [0, 0.5, 0.5]]] * 2))


def test_large_scores_do_not_overflow():
    q = k = np.array([[[300.0], [-300.0]]], np.float32)
    a = attention(q, k, ScoreRule(1.0, Mask("full")), mask_intervals(Mask("full"), 2, 2))
    assert a.dtype == np.float32
    assert a.tolist() == [[[1, 0], [0, 1]]]


@given(st.integers(0, 4), st.integers(1, 9), st.integers(0, 5), st.integers(0, 99))
def test_a_relative_bias_is_that_of_the_distance(reach, rows, first, seed):
    values = np.random.default_rng(seed).normal(size=(2, 2 * reach + 1))
    intervals = Intervals(np.zeros(rows, int), np.full(rows, 12), 12, first)
    for head, row, key in np.ndindex(2, rows, 12):
        distance = min(max(key - (first + row), -reach), reach)
        assert (
            Bias("relative", values).rows(intervals)[head, row, key]
            == values[head, reach + distance]
        )


def test_a_bias_table_is_read_by_the_tokens_places():
    values, index = np.arange(18).reshape(2, 3, 3), np.array([2, 0, 0, 1])
    bias = Bias("table", values, index)
    intervals = Intervals(np.zeros(4, int), np.full(4, 4), 4)
    assert bias.rows(intervals)[1].tolist() == [[values[1, a, b] for b in index] for a in index]
    assert bias.heads(slice(1, 2)).rows(intervals).tolist() == bias.rows(intervals)[1:].tolist()


@given(layers(), st.integers(1, 60))
def test_blocks_of_rows_together_are_all_rows(layer, entries):
    q, k, rule, sinks = layer
    intervals = mask_intervals(rule.mask, q.shape[1], k.shape[1])
    bias = Bias("relative", np.linspace(-1, 1, 5 * len(q)).reshape(len(q), 5))
    a = attention(q, k, rule, intervals, sinks=sinks, bias=bias)
    blocks = intervals.blocks(len(q), entries)
    parts = [
        attention(q[:, block], k, rule, intervals.rows(block), sinks=sinks, bias=bias)
        for block in blocks
    ]
    assert np.concatenate(parts, 1) == pytest.approx(a, abs=1e-12, nan_ok=True)
    assert all(
        len(q) * len(k[0]) * (block.stop - block.start) <= max(entries, len(q) * len(k[0]))
        for block in blocks
    )
    for head in range(len(q)):
        expected = textbook.attention(
            q[head],
            k[head * len(k) // len(q)],
            rule.scaling,
            lambda i, j: intervals.allowed()[i, j],
            softcap=rule.softcap,
            sink=None if sinks is None else sinks[head],
            bias=lambda i, j, h=head: bias.values[h, 2 + min(max(j - i, -2), 2)],
        )
        assert a[head] == pytest.approx(np.array(expected), abs=1e-12, nan_ok=True)
