"""Compiled correlations of scales are those of `geometry`."""

import numpy as np
import pytest

from attnviz import geometry
from attnviz.maps.scales import best_scale, scale_correlations


def clouds(kind):
    """Queries and keys (points, 8)."""
    rng = np.random.default_rng(3)
    q, k = rng.normal(size=(70, 8)), rng.normal(size=(90, 8))
    if kind == "far":
        return q + 30, k + 30
    if kind == "many":
        return rng.normal(size=(400, 8)), rng.gamma(2, size=(300, 8))
    if kind == "coincident":
        return np.ones((5, 8)), np.ones((6, 8))
    if kind == "zero":
        return np.zeros_like(q), np.zeros_like(k)
    if kind == "one":
        return q[:1], k[:1]
    return q, k


@pytest.mark.parametrize("kind", ["plain", "far", "many", "coincident", "zero", "one"])
def test_correlations_are_those_of_geometry(kind):
    q, k = clouds(kind)
    expected = [geometry.scale_correlation(q, k, scale) for scale in geometry.SCALES]
    assert scale_correlations(q, k) == pytest.approx(expected, abs=1e-6)


def test_the_best_scale_undoes_a_disparity():
    q, k = np.random.default_rng(0).normal(size=(2, 60, 8))
    assert best_scale(q * 2.5, k / 2.5) in (0.2, 0.4)


def test_of_equal_scales_the_smaller_counts():
    assert best_scale(*clouds("zero")) == min(geometry.SCALES)


def test_without_points_there_is_a_scale():
    assert best_scale(np.empty((0, 8)), np.empty((0, 8))) == min(geometry.SCALES)
