"""Deciles from counts are those of the values, in any order."""

import numpy as np
import pytest

from attnviz.heads.deciles import Deciles


@pytest.mark.parametrize("count", [1, 2, 7, 400])
def test_they_are_the_values_of_the_nearest_rank(count):
    values = np.random.default_rng(0).gamma(2, size=(3, count))
    together, parts = Deciles(3), Deciles(3)
    together.add(values)
    for part in reversed(np.array_split(values, 4, axis=1)):
        parts.add(part)
    assert parts.values() == together.values()
    expected = np.percentile(values, np.arange(0, 101, 10), axis=1, method="nearest").T
    assert np.abs(np.array(together.values()) - expected).max() <= 1 / 512


def test_no_rows_have_no_deciles():
    assert Deciles(2).values() == [[], []]


def test_what_is_larger_than_the_largest_counts_as_that():
    deciles = Deciles(1)
    deciles.add(np.array([[0.0, 99.0]]))
    assert (deciles.values()[0][0], deciles.values()[0][-1]) == (0, 16)
