"""Agreement with token labels: 1 where all attention goes to the same label, 0 at chance, by hand
between."""

import numpy as np
import pytest

from attnviz.heads.agreement import Agreement
from attnviz.heads.traits import label_codes

LABELS = ("noun", "verb", "noun", None, "verb", "noun")
CODES = label_codes({"part": LABELS})
LABELLED = CODES["part"] >= 0


def agreement(a, allowed=None):
    sums = Agreement(len(a))
    visible = np.ones(a.shape[1:], bool) if allowed is None else allowed
    for rows in (slice(3, 6), slice(0, 3)):
        sums.add(a[:, rows], visible[rows], np.arange(6)[rows], CODES)
    return sums.values()["agreement:part"]


def test_all_to_the_same_label_is_one_and_none_is_below_chance():
    codes = CODES["part"]
    same = (codes == codes[:, None]) & ~np.eye(6, dtype=bool)
    other = (codes != codes[:, None]) & LABELLED
    a = np.stack([keys / keys.sum(1, keepdims=True).clip(1) for keys in (same, other)])
    assert agreement(a)[0] == pytest.approx(1)
    assert agreement(a)[1] < -0.3


def test_equal_attention_is_chance_whatever_it_gives_itself():
    a = np.full((1, 6, 6), 0.1) + 0.4 * np.eye(6)
    assert agreement(a) == pytest.approx([0], abs=1e-12)


def test_it_is_as_it_is_defined():
    a = np.random.default_rng(0).dirichlet(np.ones(6), (1, 6))
    causal = np.tri(6, dtype=bool)
    a = np.where(causal, a, 0)
    same = mass = chance = 0.0
    for i, label in enumerate(LABELS):
        keys = [j for j in range(i) if label and LABELS[j]]
        labelled = sum(a[0, i, j] for j in keys)
        same += sum(a[0, i, j] for j in keys if LABELS[j] == label)
        mass += labelled
        chance += labelled * sum(LABELS[j] == label for j in keys) / len(keys) if keys else 0
    assert agreement(a, causal) == pytest.approx([(same - chance) / (mass - chance)])


def test_one_label_for_all_has_no_chance_to_beat():
    sums = Agreement(1)
    sums.add(
        np.full((1, 2, 2), 0.5),
        np.ones((2, 2), bool),
        np.arange(2),
        label_codes({"part": ("x", "x")}),
    )
    assert np.isnan(sums.values()["agreement:part"]).all()
