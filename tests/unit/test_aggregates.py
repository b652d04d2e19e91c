"""Means and rollout: by hand, entry by entry, and at the edges."""

import math

import numpy as np
import pytest

from attnviz.aggregates import mean_by_position, mean_of, rollout
from attnviz.score import Intervals, Mask, mask_intervals


def full(length):
    return mask_intervals(Mask("full"), length, length)


def causal(length):
    return mask_intervals(Mask("causal"), length, length)


def random(length, intervals, seed):
    a = np.random.default_rng(seed).random((length, length)) * intervals.allowed()
    return a / a.sum(1, keepdims=True)


def by_hand(layers, residual, discard, masks):
    """The formula of `rollout`'s docstring, entry by entry."""
    product = None
    for m, may_see in zip(layers, masks, strict=True):
        length = len(m)
        a = [[0.0] * length for _ in range(length)]
        for i in range(length):
            keys = [j for j in range(length) if may_see(i, j)]
            kept = sorted(keys, key=lambda j: (m[i][j], j))[math.floor(discard * len(keys)) :]
            total = sum(m[i][j] for j in kept)
            for j in range(length):
                share = m[i][j] / total if j in kept and total else float(i == j and not total)
                a[i][j] = (1 - residual) * share + residual * (i == j)
        if product is not None:
            a = [
                [sum(a[i][k] * product[k][j] for k in range(length)) for j in range(length)]
                for i in range(length)
            ]
        product = a
    return product


@pytest.mark.parametrize("residual", [0.0, 0.5, 0.9])
@pytest.mark.parametrize("discard", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("kind", ["full", "causal"])
def test_rollout_is_its_formula(kind, residual, discard):
    intervals = full(7) if kind == "full" else causal(7)
    layers = [random(7, intervals, seed) for seed in range(3)]
    shares = rollout([(m, intervals) for m in layers], residual, discard)
    may_see = (lambda i, j: True) if kind == "full" else (lambda i, j: j <= i)
    assert shares == pytest.approx(
        np.array(by_hand(layers, residual, discard, [may_see] * 3)), abs=1e-14
    )
    assert shares.sum(1) == pytest.approx(1)


def test_rollout_by_hand():
    """Two layers, two tokens: A = ½M + ½I, R = A₁·A₀, worked out on paper."""
    first, second = np.array([[1.0, 0.0], [0.5, 0.5]]), np.array([[0.2, 0.8], [0.0, 1.0]])
    # A₀ = [[1, 0], [¼, ¾]], A₁ = [[0.6, 0.4], [0, 1]]
    assert rollout([(first, full(2)), (second, full(2))]) == pytest.approx(
        np.array([[0.7, 0.3], [0.25, 0.75]])
    )


def test_later_layers_stand_on_the_left():
    first, second = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([[1.0, 0.0], [1.0, 0.0]])
    assert rollout([(first, full(2)), (second, full(2))], residual=0).tolist() == [[0, 1], [0, 1]]


def test_what_is_equal_is_discarded_from_the_left_and_no_row_is_emptied():
    even = np.full((4, 4), 0.25)
    assert rollout([(even, full(4))], 0, 0.5).tolist() == [[0, 0, 0.5, 0.5]] * 4
    assert rollout([(even, full(4))], 0, 0.99).tolist() == [[0, 0, 0, 1]] * 4
    assert rollout([(np.eye(4), causal(4))], 0, 0.99).tolist() == np.eye(4).tolist()


def test_a_sinks_share_is_left_out_and_a_row_that_sees_nothing_is_itself():
    a = np.array([[np.nan, np.nan, np.nan], [0.1, 0.1, 0.0], [0.0, 0.0, 0.0]])
    intervals = Intervals(np.array([0, 0, 0]), np.array([0, 2, 3]), 3)
    assert rollout([(a, intervals)], residual=0).tolist() == [[1, 0, 0], [0.5, 0.5, 0], [0, 0, 1]]


@pytest.mark.parametrize("options", [{"residual": 1.0}, {"residual": -0.1}, {"discard": 1.0}])
def test_impossible_options_are_refused(options):
    with pytest.raises(ValueError, match="at least 0 and less than 1"):
        rollout([(np.eye(2), full(2))], **options)


def test_the_mean_keeps_rows_that_sum_to_one():
    parts = [random(5, causal(5), seed) for seed in range(3)]
    assert mean_of(parts) == pytest.approx(sum(parts) / 3)
    with pytest.raises(ValueError, match="no attention"):
        mean_of([])


def test_the_mean_by_position_counts_documents_that_have_it():
    documents = [(random(length, causal(length), length), causal(length)) for length in (2, 3, 6)]
    mean = mean_by_position(documents, 4)
    for i in range(4):
        for j in range(4):
            values = [a[i, j] for a, _ in documents if j <= i < len(a)]
            assert mean[i, j] == pytest.approx(np.mean(values) if values else np.nan, nan_ok=True)


def test_rows_that_see_nothing_are_in_no_mean_by_position():
    a = np.array([[np.nan, np.nan], [0.25, 0.75]])
    intervals = Intervals(np.array([0, 0]), np.array([0, 2]), 2)
    assert mean_by_position([(a, intervals)], 2) == pytest.approx(
        np.array([[np.nan, np.nan], [0.25, 0.75]]), nan_ok=True
    )
