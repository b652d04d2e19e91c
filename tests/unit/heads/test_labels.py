"""Labels: given by evidence and threshold, the more telling before the less."""

import numpy as np
import pytest

from attnviz.heads import LABELS, STATISTICS, labels_of
from attnviz.heads.repeated_text import probe_scores


@pytest.mark.parametrize("label", LABELS, ids=lambda label: label.name)
def test_a_label_needs_its_threshold(label):
    assert labels_of({label.evidence: label.threshold}) == [(label.name, label.threshold)]
    assert labels_of({label.evidence: label.threshold - 1e-6}) == []


def test_what_a_control_does_too_does_not_count():
    assert labels_of({"induction": 0.9, "induction_control": 0.05}) == [
        ("induction", pytest.approx(0.85))
    ]
    assert labels_of({"induction": 0.9, "induction_control": 0.88}) == []
    assert labels_of({"duplicate_probe": 0.5, "duplicate_control": 0.2}) == []


def test_none_is_an_answer():
    assert labels_of({}) == []
    assert labels_of({label.evidence: None for label in LABELS}) == []


def test_the_strongest_comes_first():
    assert [name for name, _ in labels_of({"first": 0.6, "separator": 0.9})] == [
        "separator",
        "first-token",
    ]


def test_one_offset_says_more_than_nearness():
    assert labels_of({"next": 0.7, "near": 0.9, "positional": 0.8}) == [("next-token", 0.7)]
    assert [name for name, _ in labels_of({"near": 0.9, "positional": 0.8})] == [
        "local",
        "positional",
    ]


def test_labels_have_evidence_that_is_a_statistic():
    names = {statistic.name for statistic in STATISTICS}
    assert {label.evidence for label in LABELS} <= names
    assert {label.control for label in LABELS if label.control} <= names
    assert len({label.name for label in LABELS}) == len(LABELS)


def test_probes_tell_induction_from_duplicates():
    length, heads = 10, 3
    special = np.array([True] + [False] * 2 * length + [True])
    a = np.zeros((heads, 2 * length + 2, 2 * length + 2))
    for i in range(1, 2 * length + 1):
        first = i - length if i > length else i
        a[0, i, first + 1] = 1  # what came after the first time
        a[1, i, first] = 1  # the first time
        a[2, i] = 1 / a.shape[-1]
    scores = probe_scores([(a, special, special)], heads)
    assert scores["induction"] == pytest.approx([1, 0, 1 / 22])
    assert scores["duplicate_probe"] == pytest.approx([0, 1, 1 / 22])
    assert np.isnan(scores["induction.standard_error"]).all()  # of one text


def test_what_rests_is_left_out_of_a_probe():
    length = 10
    special = np.array([True] + [False] * 2 * length)
    resting = special.copy()
    resting[1] = True  # a separator, say, which is no special token
    a = np.zeros((1, 2 * length + 1, 2 * length + 1))
    for i in range(length + 1, 2 * length + 1):
        a[0, i, i - length + 1] = 0.3
        a[0, i, 1] = 0.1
        a[0, i, 0] += 0.5
        a[0, i, 2 * length] = 0.1
    scores = probe_scores([(a, special, resting)], 1)
    assert scores["induction"] == pytest.approx([0.3])
    # None of the awake part looks after the first place; of 0.4 awake, 0.3.
    assert scores["awake_induction"] == pytest.approx([0.75])
    # One of ten looks at the first occurrence, which rests.
    assert scores["duplicate_probe"] == pytest.approx([0.01])
    assert scores["awake_duplicate_probe"] == pytest.approx([0])


def test_what_is_measured_on_drawn_texts_has_a_standard_error():
    length = 10
    special = np.array([True] + [False] * 2 * length + [True])
    shares = [0.2, 0.5, 0.4, 0.1]
    texts = []
    for share in shares:
        a = np.zeros((1, 2 * length + 2, 2 * length + 2))
        for i in range(1, 2 * length + 1):
            a[0, i, (i - length if i > length else i) + 1] = share
        texts.append((a, special, special))
    scores = probe_scores(texts, 1)
    assert scores["induction"] == pytest.approx([np.mean(shares)])
    error = scores["induction.standard_error"]
    assert error == pytest.approx([np.std(shares, ddof=1) / 2])
    rule = next(rule for rule in LABELS if rule.name == "induction")
    errors = {"induction": 0.03, "induction_control": 0.04}
    assert rule.standard_error(errors) == pytest.approx(0.05)
    assert rule.standard_error({}) is None
