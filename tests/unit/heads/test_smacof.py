"""Places of heads, and ranks of their distances, are those of scikit-learn and SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.manifold import smacof as reference

from attnviz.heads.smacof import smacof
from attnviz.ranks import spearman


def apart(points):
    return np.linalg.norm(points[:, None] - points[None], axis=-1)


@pytest.mark.parametrize("count", [3, 12, 40])
def test_places_are_those_of_scikit_learn(count):
    rng = np.random.default_rng(count)
    points = rng.normal(size=(count, 5))
    points[1] = points[0]
    distances, start = apart(points), points[:, :2].copy()  # of which two coincide
    expected, _ = reference(
        distances, n_components=2, init=start, n_init=1, max_iter=500, eps=1e-9,
        normalized_stress=False,
    )  # fmt: skip
    assert np.array_equal(smacof(distances, start), expected)


@pytest.mark.parametrize("digits", [0, 1, 9])
def test_the_correlation_of_ranks_is_scipys(digits):
    x, y = np.random.default_rng(digits).normal(size=(2, 60)).round(digits)
    assert spearman(x, y) == spearmanr(x, y).statistic
    assert spearman(x, -x) == pytest.approx(-1)
