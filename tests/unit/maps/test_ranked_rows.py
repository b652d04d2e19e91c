"""Compiled measures of rows are those of `geometry`, ties and rows that say nothing included."""

import numpy as np
import pytest

from attnviz import geometry
from attnviz.maps.ranked_rows import in_order, truths
from tests.unit.maps.planted import softmax

RNG = np.random.default_rng(0)


def rows(kind, heads=2, count=9, keys=40):
    """Distances, scores and attention (heads, rows, keys) and what is allowed (rows, keys)."""
    distance, score = RNG.uniform(0, 4, (heads, count, keys)), RNG.normal(size=(heads, count, keys))
    allowed = np.ones((count, keys), bool)
    if kind == "ties":
        distance, score = np.rint(2 * distance), np.rint(score)
    elif kind == "masked":
        allowed = np.tri(count, keys, 1, dtype=bool)
    elif kind == "equal":
        distance, score = np.ones_like(distance), np.zeros_like(score)
    elif kind == "negative":
        score -= 1e6
    elif kind == "near":
        distance = 1e6 + 10 * distance
    return distance, score, softmax(np.where(allowed, score, -np.inf)), allowed


@pytest.mark.parametrize("kind", ["plain", "ties", "masked", "equal", "negative", "near"])
@pytest.mark.parametrize("keys", [3, 4, 40, 257])
def test_ranks_are_those_of_geometry(kind, keys):
    distance, score, attention, allowed = rows(kind, keys=keys)
    by_distance, by_score = in_order(distance, allowed), in_order(score, allowed, falling=True)
    rank = truths(by_distance, by_score, attention, allowed)[1]
    far = np.where(allowed, distance, np.inf)
    ranks = geometry.distance_ranks(far), geometry.score_ranks(score, allowed)
    expected = geometry.rank_correlation(*ranks, allowed)
    assert np.allclose(rank, expected, atol=1e-12, equal_nan=True)


def test_values_may_be_of_half_the_digits_and_strided():
    _, score, _, allowed = rows("plain")
    strided = score.astype(np.float32).transpose(0, 2, 1).copy().transpose(0, 2, 1)
    order = in_order(strided, allowed)
    assert np.array_equal(order & 63, np.argsort(strided, -1))


@pytest.mark.parametrize("kind", ["plain", "masked", "negative", "near"])
@pytest.mark.parametrize("keys", [3, 4, 40, 257])
def test_top_mass_is_that_of_geometry(kind, keys):
    distance, score, attention, allowed = rows(kind, keys=keys)
    by_distance, by_score = in_order(distance, allowed), in_order(score, allowed, falling=True)
    mass = truths(by_distance, by_score, attention, allowed)[0]
    expected = geometry.top_mass(np.where(allowed, distance, np.inf), attention)
    assert np.allclose(mass, expected, atol=1e-12, equal_nan=True)


def test_a_row_without_attention_says_nothing_of_mass():
    distance, score, attention, allowed = rows("plain")
    attention[0, 2], attention[1, 3] = np.nan, 0
    mass = truths(
        in_order(distance, allowed), in_order(score, allowed, falling=True), attention, allowed
    )[0]
    assert np.argwhere(np.isnan(mass)).tolist() == [[0, 2], [1, 3]]
