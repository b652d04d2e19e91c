"""Token pairs: what a head attends to more than equal attention would, summed over types."""

import numpy as np
import pytest

from attnviz.documents import Tokens
from attnviz.heads import frequent_types
from attnviz.heads.pairs import PairSums, Types
from attnviz.score import Mask, mask_intervals

THREE = Types(np.array([3, 5, 9]), ("a", "b", "c"))


def tokens(ids):
    ids = np.array(ids)
    special = np.zeros(len(ids), bool)
    return Tokens.of_text(ids, [f"t{i}" for i in ids], np.full((len(ids), 2), -1), special, special)


def test_the_most_frequent_types_are_told_apart(monkeypatch):
    monkeypatch.setattr("attnviz.heads.pairs.TYPES", 3)
    types = frequent_types([tokens([7, 7, 2, 4]), None, tokens([4, 9, 2, 1])])
    assert (types.ids.tolist(), types.texts) == ([2, 4, 7], ("t2", "t4", "t7"))
    assert types.of(np.array([7, 1, 9, 2])).tolist() == [2, -1, -1, 0]


def test_patches_have_no_types():
    types = frequent_types([Tokens.of_grid(["[CLS]"], 2, 2)])
    assert len(types.ids) == 0
    assert types.of(np.array([-1, -1])).tolist() == [-1, -1]


def attention(ids, kind, seed=0):
    """Attention of two heads, one random and one that attends to type 5 alone where it may, and
    what may be seen."""
    intervals = mask_intervals(Mask(kind), len(ids), len(ids))
    allowed = intervals.allowed()
    wild = np.random.default_rng(seed).random((len(ids), len(ids))) * allowed
    fives = np.where((allowed & (ids == 5)).any(-1)[:, None], allowed & (ids == 5), allowed)
    weights = np.stack([wild, fives.astype(float)])
    return weights / weights.sum(-1, keepdims=True), allowed


@pytest.mark.parametrize("kind", ["full", "causal"])
def test_sums_are_those_of_all_pairs_in_any_blocks(kind):
    documents = [np.random.default_rng(n).choice([1, 3, 5, 9], n) for n in (4, 9, 20)]
    sums, again = PairSums(2, THREE, THREE), PairSums(2, THREE, THREE)
    shares, even, rows = np.zeros((2, 3, 3)), np.zeros((3, 3)), 0
    for ids in documents:
        a, allowed = attention(ids, kind)
        types = THREE.of(ids)
        sums.add(a, allowed, types, types)
        for start in range(0, len(ids), 3)[::-1]:
            part = slice(start, start + 3)
            again.add(a[:, part], allowed[part], types[part], types)
        rows += len(ids)
        for i, q in enumerate(types):
            for j, k in enumerate(types):
                if q >= 0 and k >= 0:
                    shares[:, q, k] += a[:, i, j]
                    even[q, k] += allowed[i, j] / allowed[i].sum()
    for head, (pairs, others) in enumerate(zip(sums.values(), again.values(), strict=True)):
        names = [[(pair.query, pair.key) for pair in of_head] for of_head in (pairs, others)]
        assert names[0] == names[1]
        gains = []
        for pair in pairs:
            place = "abc".index(pair.query), "abc".index(pair.key)
            assert pair.share == pytest.approx(shares[head][place] / rows)
            assert pair.lift == pytest.approx(shares[head][place] / even[place])
            gains.append(pair.share * np.log(pair.lift))
        assert gains == sorted(gains, reverse=True)
        assert len(pairs) == (shares[head] / np.where(even > 0, even, np.inf) > 1.05).sum()
    assert {pair.key for pair in sums.values()[1]} == {"b"}


def test_equal_attention_has_no_pairs():
    ids = np.array([3, 5, 9, 3])
    sums = PairSums(1, THREE, THREE)
    sums.add(np.full((1, 4, 4), 0.25), np.ones((4, 4), bool), THREE.of(ids), THREE.of(ids))
    assert sums.values() == [[]]


def test_memory_does_not_grow_with_the_vocabulary():
    many = frequent_types([tokens(np.arange(5000))])
    assert len(many.ids) == 384
