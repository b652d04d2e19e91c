"""Numbers and certificates in words."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attnviz.format.manifest import Certificate
from attnviz.site.wording import at_most, certificate_sentences, measure, percent, verdict

CERTIFICATES = Path(__file__).parents[2] / "fixtures" / "certificates.json"


@given(st.floats(1e-6, 1))
def test_a_bound_is_never_rounded_below_the_truth(share):
    bound = float(at_most(share).removesuffix("\u202f%")) / 100
    assert bound >= share * (1 - 1e-9)
    assert bound <= share * 1.1 + 1e-8


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0, "0"),
        (1, "100"),
        (0.99999, "99.99"),
        (0.998, "99.8"),
        (0.5, "50.0"),
        (0.0123, "1.23"),
        (1e-7, "under 0.001"),
    ],
)
def test_percentages(share, text):
    assert percent(share) == f"{text}\u202f%"


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (12345.6, "tokens", "12,346\u202ftokens"),
        (-0.6, "nats", "−0.600\u202fnats"),
        (0, "nats", "0\u202fnats"),
        (0.0000012, "nats", "0.000001\u202fnats"),
        (None, "nats", "not defined"),
        (0.25, "share", "25.0\u202f%"),
    ],
)
def test_measures(value, unit, text):
    assert measure(value, unit) == text


@pytest.mark.parametrize("case", json.loads(CERTIFICATES.read_text("utf-8")))
def test_a_certificate_has_the_words_of_both_languages(case):
    certificate = Certificate(**case["certificate"])
    assert [verdict(certificate), *certificate_sentences(certificate)] == case["sentences"]
