"""Attention weighted by the lengths of values, exactly, by hand."""

import numpy as np
import pytest

from attnviz.heads import Block, HeadStatistics, Traits
from attnviz.score import Mask, mask_intervals

A = np.array([[0.6, 0.2, 0.2], [0.5, 0.25, 0.25], [0.8, 0.1, 0.1]])
SEPARATOR = np.array([False, False, True])


def statistics(lengths, heads=2):
    collected = HeadStatistics(heads)
    nothing = np.zeros(3, bool)
    traits = Traits(SEPARATOR, nothing, np.arange(3), np.full(3, -1), np.full(3, -1))
    values = np.array(lengths, np.float32)
    collected.add_values(values)
    full = mask_intervals(Mask("full"), 3, 3)
    for rows in (slice(1, 3), slice(0, 1)):
        collected.add(
            Block(0, np.repeat(A[None, rows], heads, 0), full.rows(rows), traits, values=values)
        )
    return collected.values()


def test_a_first_token_of_short_value_brings_little():
    row = statistics([[0.1, 1.0, 2.0]])[1]
    assert row["first"] == pytest.approx((0.5 + 0.8) / 2)
    # 0.05 of 0.05 + 0.25 + 0.5, and 0.08 of 0.08 + 0.1 + 0.2
    assert row["first_value"] == pytest.approx((0.05 / 0.8 + 0.08 / 0.38) / 2)
    assert row["separator_value"] == pytest.approx((0.4 / 0.66 + 0.5 / 0.8 + 0.2 / 0.38) / 3)
    assert row["value_norm"] == pytest.approx(3.1 / 3)


def test_heads_read_the_values_of_their_group():
    rows = statistics([[1.0, 1.0, 1.0], [0.0, 1.0, 1.0]], heads=4)
    assert [row["first_value"] for row in rows] == pytest.approx([0.65, 0.65, 0, 0])
    assert [row["value_norm"] for row in rows] == pytest.approx([1, 1, 2 / 3, 2 / 3])


def test_values_that_are_all_zero_bring_nothing_to_share():
    row = statistics([[0.0, 0.0, 0.0]])[0]
    assert row["first_value"] is None
    assert row["value_norm"] == 0


def test_where_values_are_not_known_there_is_no_column():
    assert "first_value" not in HeadStatistics(1).values()[0]
