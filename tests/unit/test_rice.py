"""Rice codes: every integer comes back, in as few bits as their spread lets expect."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from attnviz.rice import LARGEST, RiceCodes, pack, packed_bits, unpack

values = arrays(
    np.int64,
    array_shapes(min_dims=2, max_dims=2, min_side=0, max_side=20),
    elements=st.integers(-LARGEST, LARGEST) | st.integers(-3, 3),
)


@given(values)
def test_every_integer_comes_back(integers):
    codes = pack(integers)
    assert (unpack(codes, len(integers)) == integers).all()
    assert [codes.offset.dtype, codes.width.dtype, codes.high.dtype] == [np.int32, "u1", "u1"]


@given(values)
def test_the_bits_are_those_of_both_streams(integers):
    codes = pack(integers)
    bits = packed_bits(integers)
    assert bits <= 8 * (len(codes.high) + len(codes.low)) < bits + 16


def test_bits_are_near_the_entropy_of_normal_values():
    """log2(σ √(2πe)) bits a value; Rice codes of a width a channel take some 2 % more."""
    rng = np.random.default_rng(0)
    spread = np.array([3.0, 20.0, 150.0, 1000.0])
    integers = np.rint(rng.normal(size=(4000, 4)) * spread).astype(int)
    entropy = np.log2(spread * np.sqrt(2 * np.pi * np.e)).mean()
    assert entropy <= packed_bits(integers) / integers.size <= entropy + 0.2


def test_an_outlier_costs_bits_for_itself_alone():
    integers = np.random.default_rng(1).integers(-8, 8, (500, 1))
    with_outlier = np.vstack([integers, [[1000]]])
    assert packed_bits(with_outlier) - packed_bits(integers) < 1000


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"high": np.zeros(1, np.uint8)}, "a value is missing"),
        ({"high": np.full(9, 255, np.uint8)}, "there are more values"),
        ({"low": np.zeros(1, np.uint8)}, "low bits are missing"),
        ({"width": np.full(3, 60, np.uint8)}, "a width is out of bounds"),
    ],
)
def test_streams_of_another_length_are_refused(changed, why):
    codes = pack(np.arange(12).reshape(4, 3) * 5)
    with pytest.raises(LookupError, match="where 12 are expected"):
        unpack(RiceCodes(**(vars(codes) | changed)), 4)
