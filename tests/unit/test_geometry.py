"""Spaces of queries and keys: what leaves attention as it is, and how well distance tells it."""

import numpy as np
import pytest
from scipy.stats import spearmanr

from attnviz import geometry
from attnviz.score import Mask, ScoreRule, attention, mask_intervals


def clouds(seed=0, queries=40, keys=50, size=8):
    """Queries and keys with different centres and lengths."""
    rng = np.random.default_rng(seed)
    q = rng.normal(size=(queries, size)) * 3 + rng.normal(size=size)
    k = rng.normal(size=(keys, size)) * rng.gamma(2, size=(keys, 1)) - 2 * rng.normal(size=size)
    return q, k


def attend(q, k, mask="full"):
    rule = ScoreRule(q.shape[-1] ** -0.5, Mask(mask))
    return attention(q[None], k[None], rule, mask_intervals(rule.mask, len(q), len(k)))[0]


def rank(space, score, allowed):
    distance = np.where(allowed, geometry.squared_distances(*space.vectors()), np.inf)
    return geometry.rank_correlation(
        geometry.distance_ranks(distance), geometry.score_ranks(score, allowed), allowed
    )


@pytest.mark.parametrize("mask", ["full", "causal"])
@pytest.mark.parametrize("scale", [0.2, 1.0, 5.0])
def test_translation_and_scale_leave_attention_as_it_is(mask, scale):
    q, k = clouds(queries=50)
    moved = geometry.translated_space(q, k, "euclidean", scale)
    assert np.abs(attend(moved.queries, moved.keys, mask) - attend(q, k, mask)).max() < 1e-5


def test_translated_keys_share_the_queries_centre():
    q, k = clouds()
    assert np.allclose(geometry.translate_keys(q, k).mean(0), q.mean(0))


def test_each_query_head_moves_the_keys_of_its_group_to_its_centre():
    q, k = clouds()
    other = clouds(seed=1)[0]
    moved = [geometry.translate_keys(queries, k) for queries in (q, other)]
    assert np.allclose(moved[0] - moved[1], q.mean(0) - other.mean(0))


def test_under_cosine_distance_the_scale_changes_nothing():
    q, k = clouds()
    plain, scaled = (geometry.translated_space(q, k, "cosine", c).vectors() for c in (1.0, 2.5))
    assert np.allclose(plain[0], scaled[0])
    assert np.allclose(plain[1], scaled[1])


def test_cosine_vectors_order_keys_as_cosine_distance_does():
    q, k = clouds()
    space = geometry.translated_space(q, k, "cosine")
    cosine = space.queries @ space.keys.T / np.linalg.norm(space.queries, axis=1)[:, None]
    cosine /= np.linalg.norm(space.keys, axis=1)
    assert np.allclose(geometry.squared_distances(*space.vectors()), 2 - 2 * cosine)


@pytest.mark.parametrize("mask", ["full", "causal"])
def test_on_the_sphere_distance_tells_scores_exactly(mask):
    q, k = clouds(queries=50)
    allowed = mask_intervals(Mask(mask), 50, 50).allowed()
    correlations = rank(geometry.lifted_space(q, k), q @ k.T, allowed)
    assert np.isnan(correlations).sum() == (3 if mask == "causal" else 0)
    assert np.nanmax(np.abs(correlations + 1)) < 1e-6


def test_lifted_keys_lie_on_one_sphere():
    keys = geometry.lifted_space(*clouds()).keys
    assert np.allclose(np.linalg.norm(keys, axis=1), np.linalg.norm(keys[0]))


def test_the_sphere_orders_keys_under_a_soft_cap_too_and_not_under_a_bias_by_position():
    q, k = clouds(queries=50)
    allowed = np.ones((50, 50), bool)
    score = q @ k.T
    assert np.allclose(
        rank(geometry.lifted_space(q, k), 30 * np.tanh(score / 30), allowed), -1, atol=1e-3
    )
    bias = -np.abs(np.arange(50) - np.arange(50)[:, None]) * 5.0
    assert rank(geometry.lifted_space(q, k), score + bias, allowed).mean() > -0.95


def test_the_closed_scale_makes_typical_lengths_equal():
    q, k = clouds()
    c = geometry.closed_scale(q, k)
    lengths = [np.median(np.linalg.norm(x, axis=1)) for x in (q * c, k / c)]
    assert lengths[0] == pytest.approx(lengths[1])
    assert geometry.closed_scale(q, k * 0) == 1


def test_weighted_correlation_is_the_papers():
    rng = np.random.default_rng(0)
    x, y, w = rng.normal(size=(3, 100))
    w = w**2
    mean = [np.average(v, weights=w) for v in (x, y)]
    covariance = np.cov(x, y, aweights=w, ddof=0)
    assert covariance[0, 1] == pytest.approx(np.average((x - mean[0]) * (y - mean[1]), weights=w))
    expected = covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1])
    assert geometry.weighted_correlation(x, y, w) == pytest.approx(expected)
    assert geometry.weighted_correlation(x, y * 0, w) == 0
    assert geometry.weighted_correlation(x, y, w * 0) == 0


def test_rank_is_spearmans_with_ties_shared():
    rng = np.random.default_rng(0)
    distance, score = rng.integers(0, 6, (2, 20, 12)).astype(float)
    allowed = np.ones((20, 12), bool)
    correlations = geometry.rank_correlation(
        geometry.distance_ranks(distance), geometry.score_ranks(score, allowed), allowed
    )
    assert np.allclose(
        correlations, [spearmanr(d, s).statistic for d, s in zip(distance, score, strict=True)]
    )


def test_ranks_are_of_the_keys_that_a_row_may_see():
    rng = np.random.default_rng(0)
    distance, score = rng.normal(size=(2, 12, 12))
    allowed = np.tri(12, dtype=bool)
    ranks = (
        geometry.distance_ranks(np.where(allowed, distance, np.inf)),
        geometry.score_ranks(score, allowed),
    )
    correlations = geometry.rank_correlation(*ranks, allowed)
    assert np.isnan(correlations[:3]).all()
    assert np.allclose(
        correlations[3:],
        [spearmanr(distance[i, : i + 1], score[i, : i + 1]).statistic for i in range(3, 12)],
    )


@pytest.mark.parametrize("size", [2, 3, 8])
def test_squared_distances_are_by_head_and_of_near_points_too(size):
    rng = np.random.default_rng(0)
    x = rng.normal(size=(2, 5, size)) + 1000
    y = x[:, :3] + rng.normal(size=(2, 3, size)) * 1e-6
    expected = np.square(x[:, :, None] - y[:, None]).sum(-1)
    near = geometry.squared_distances(x, y)
    assert near == pytest.approx(expected, rel=1e-9, abs=0 if size < 4 else 1e-8)
    assert geometry.squared_distances(x[0], y[0]) == pytest.approx(near[0])
    assert geometry.squared_distances(x[:, :0], y).shape == (2, 0, 3)


def test_top_mass_compares_the_nearest_with_the_most_attended():
    attention_row = np.array([[0.5, 0.2, 0.15, 0.1, 0.05]])
    assert geometry.top_mass(-attention_row, attention_row)[0] == 1
    distance = np.array([[9.0, 1.0, 2.0, 3.0, 8.0]])
    assert geometry.top_mass(distance, attention_row)[0] == pytest.approx(0.45 / 0.85)


def test_rows_that_cannot_be_compared_are_left_out():
    three = np.array([[0.5, 0.3, 0.2, 0.0]])
    assert np.isnan(geometry.top_mass(np.array([[1.0, 2.0, 3.0, np.inf]]), three)).all()
    assert np.isnan(geometry.top_mass(np.ones((1, 4)), np.zeros((1, 4)))).all()
    assert np.isnan(geometry.top_mass(np.ones((1, 4)), np.full((1, 4), np.nan))).all()
    assert np.isnan(geometry.top_mass(np.ones((1, 2)), np.ones((1, 2)))).all()


def test_clouds_without_extent_have_a_space_without_nan():
    q = k = np.zeros((5, 4))
    for space in (geometry.lifted_space(q, k), geometry.translated_space(q, k)):
        assert np.isfinite(np.concatenate(space.vectors())).all()
    assert np.isnan(rank(geometry.lifted_space(q, k), q @ k.T, np.ones((5, 5), bool))).all()


def test_a_rule_says_what_a_space_cannot_show():
    assert geometry.limits(bias=False, softcap=False, sink=False) == ()
    assert len(geometry.limits(bias=True, softcap=True, sink=True)) == 3
    assert "sink" in geometry.limits(bias=False, softcap=False, sink=True)[0]
