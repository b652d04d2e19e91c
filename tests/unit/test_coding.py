"""The search for a coding: the smallest within the bounds, in few passes over the documents."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.encoding import BITS, ENCODINGS, PACKED
from attnviz.writer.coding import Coding, CodingSearch

FIXED = tuple(encoding for encoding in ENCODINGS if encoding != PACKED)
NO_BITS = np.zeros(3)


@given(st.data())
def test_the_cheapest_within_the_bounds_is_used(data):
    numbers = st.floats(0, 1)
    costs = {encoding: data.draw(st.integers(1, 5)) for encoding in FIXED}
    figures = {e: (np.array(data.draw(st.tuples(*[numbers] * 3))),) * 2 for e in FIXED}
    bounds = (data.draw(st.floats(0.01, 1)), data.draw(st.floats(0.01, 1)))
    asked = []
    search = CodingSearch(costs, 0, 3, bounds)
    while search.encoding:
        asked.append(search.encoding)
        search.take(*figures[search.encoding], NO_BITS)
    for head in range(3):
        good = [
            e
            for e in FIXED
            if figures[e][0][head] <= bounds[0] and figures[e][1][head] <= bounds[1]
        ]
        best = min(good, key=lambda e: (costs[e], ENCODINGS.index(e)), default=None)
        assert search.chosen[head] == (None if best is None else Coding(best))
    if None not in search.chosen:
        dearest = max(costs[coding.encoding] for coding in search.chosen)
        assert all(costs[encoding] <= dearest for encoding in asked)
    assert len(asked) == len(set(asked))


def test_what_is_not_a_number_is_never_within_the_bounds():
    nothing = (np.array([np.nan]), np.array([np.nan]), np.zeros(1))
    search = CodingSearch({"dense-uint8": 1, PACKED: 2, "dense-uint16": 3}, 8, 1, (1, 1))
    while search.encoding:
        search.take(*nothing)
    assert search.chosen == [None]


def searched(costs, values, errors, bits, bounds=(0.005, 0.02)):
    """A search, and what it measured: `errors` (encoding, noise) has the total variation and the
    largest error of a head, `bits` (noise) how many bits a packed value takes."""
    search, asked = CodingSearch(costs, values, 1, bounds), []
    while search.encoding:
        encoding, noise = search.encoding, search.noise[0]
        asked.append((encoding, noise))
        variation, error = errors(encoding, noise)
        search.take(np.array([variation]), np.array([error]), np.array([bits(noise) * values]))
    return search.chosen[0], asked


@given(st.floats(0.01, 30), st.floats(0.01, 30))
def test_packed_codes_come_near_the_bounds_in_three_passes(variation, error):
    def errors(encoding, noise):
        return variation * noise**1.02, error * noise**0.97

    costs = {PACKED: 7000, "query-key-float32": 32000}
    coding, asked = searched(costs, 8000, errors, lambda noise: 7 - np.log2(noise / 0.02))
    tightest = max(errors(PACKED, coding.noise)[0] / 0.005, errors(PACKED, coding.noise)[1] / 0.02)
    assert 0.75 < tightest <= 1
    assert coding.encoding == PACKED
    assert len(asked) <= 3


@pytest.mark.parametrize(("dense", "encoding"), [(3000, "dense-uint8"), (6800, PACKED)])
def test_attention_itself_is_stored_where_that_is_smaller(dense, encoding):
    costs = {"dense-uint8": dense, PACKED: 7000, "query-key-float32": 32000}
    coding, _ = searched(costs, 8000, lambda *_: (0.0045, 0.004), lambda noise: 6.0)
    assert coding.encoding == encoding


def test_bits_count_as_they_are():
    """As large as foretold it would be the smaller one; it takes two bits a value more."""
    costs = {"dense-uint8": 7500, PACKED: 7000, "query-key-float32": 32000}
    coding, asked = searched(costs, 8000, lambda *_: (0.0045, 0.004), lambda noise: BITS + 2)
    assert coding == Coding("dense-uint8")
    assert [encoding for encoding, _ in asked] == [PACKED, "dense-uint8"]


def test_what_no_noise_mends_is_stored_as_it_is():
    costs = {PACKED: 7000, "query-key-float32": 32000}

    def errors(encoding, noise):
        return (0.006, 0.01) if encoding == PACKED else (1e-6, 1e-6)

    coding, asked = searched(costs, 8000, errors, lambda noise: 7.0)
    assert coding == Coding("query-key-float32")
    assert len(asked) < 12
