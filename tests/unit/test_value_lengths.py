"""Codes of lengths of values, and attention weighted by them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.value_lengths import encode_lengths, weigh

LENGTHS = st.lists(
    st.one_of(st.just(0.0), st.floats(2.0**-20, 2.0**20, width=32)), min_size=1, max_size=40
)


@given(LENGTHS)
def test_a_length_is_off_by_half_a_step_of_itself_at_most(lengths):
    codes = encode_lengths(np.array(lengths, np.float32))
    decoded, truth = codes.lengths(), np.array(lengths, np.float32).astype(np.float64)
    assert ((decoded == 0) == (truth == 0)).all(), "only nothing is nothing"
    step = (codes.hi / codes.lo) ** (1 / 508)
    above = truth > 0
    assert (np.abs(np.log(decoded[above] / truth[above])) <= np.log(step) + 1e-6).all()


def test_values_that_are_all_alike_are_exact():
    assert encode_lengths(np.full(3, 0.1, np.float32)).lengths() == pytest.approx(0.1, abs=1e-8)


def test_a_row_that_brings_nothing_is_not_a_number():
    rows = weigh(np.array([[1.0, 0.0], [0.25, 0.75]]), np.array([0.0, 2.0]))
    assert np.isnan(rows[0]).all()
    assert rows[1].tolist() == [0.0, 1.0]
