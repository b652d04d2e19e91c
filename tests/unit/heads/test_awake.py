"""Statistics with sinks and special tokens left out: as their formulas say, row by row; the same in
any parts; and nothing where there is nothing to leave out, or next to nothing left."""

from dataclasses import replace

import numpy as np
import pytest

from attnviz.documents import Tokens
from attnviz.heads import Block, HeadStatistics, Types, traits_of
from attnviz.score import Mask, mask_intervals

HEADS = 2
SEPARATOR = 7
TYPES = Types(np.arange(8), tuple("abcdefgh"))


def block(number, length, mask="full", resting=("special",), boost=0.0):
    """A document of random attention; its first and last tokens are special, and get `boost` more
    of a score."""
    rng = np.random.default_rng(number)
    intervals = mask_intervals(Mask(mask), length, length)
    scores = rng.normal(size=(HEADS, length, length)) * 2
    scores[..., [0, -1]] += boost
    scores = np.where(intervals.allowed(), scores, -np.inf)
    a = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    ids = rng.integers(0, 7, length)
    special = np.zeros(length, bool)
    if "special" in resting:
        special[[0, -1]] = True
    texts = ["," if i == 1 else "abcdefgh"[i] for i in ids]
    nowhere = np.full((length, 2), -1)
    tokens = Tokens.of_text(ids, texts, nowhere, special, np.zeros(length, np.uint8))
    types = TYPES.of(ids), TYPES.of(ids)
    traits = traits_of(tokens, length, SEPARATOR, False, types, resting=resting, queries=tokens)
    return Block(number, a, intervals, traits)


def collect(blocks):
    collected = HeadStatistics(HEADS, types=(TYPES, TYPES))
    for one in blocks:
        collected.add(one)
    return collected


def rows_of(blocks):
    """Head by head each row that counts: what is left of it, made to sum to 1, by the places of
    keys; its mass; its place; the keys; and the document's block."""
    for one in blocks:
        keys = ~one.traits.resting
        allowed = one.intervals.allowed()
        for i in range(len(allowed)):
            left = np.flatnonzero(allowed[i] & keys)
            if one.traits.special_queries[i] or not len(left):
                continue
            mass = one.attention[:, i, left].sum(-1)
            yield one, i, left, mass, one.attention[:, i, left] / mass[:, None]


def by_hand(blocks):
    """The statistics by their formulas, (heads,) each, of plain loops."""
    values = {}

    def add(name, mass, x):
        part, total = values.setdefault(name, [np.zeros(HEADS), np.zeros(HEADS)])
        part += mass * x
        total += mass

    ones = np.ones(HEADS)
    for one, i, left, mass, b in rows_of(blocks):
        ids = one.traits.ids
        entropy = -(b * np.log(b)).sum(-1)
        add("rest", ones, 1 - mass)
        add("asleep", ones, mass < 0.5)
        add("awake_entropy", mass, entropy)
        add("awake_distance", mass, (b * abs(left - i)).sum(-1))
        add("squares", mass, (b * (left - i) ** 2).sum(-1))
        add("entropy squares", mass, entropy**2)
        add("awake_top", mass, b.max(-1))
        add("awake_near", mass, b[:, abs(left - i) <= 3].sum(-1))
        least = np.cumsum(np.sort(b, -1), -1)
        add("awake_keys90", mass, (least > 0.1 * (1 + 1e-5)).sum(-1))
        if len(left) > 1:
            add("awake_evenness", mass, entropy / np.log(len(left)))
        for name, offset in (("previous", -1), ("self", 0), ("next", 1)):
            if i + offset in left:
                add(f"awake_{name}", mass, b[:, left == i + offset].sum(-1))
        if i in left:
            add("awake_same_token", mass, b[:, ids[left] == ids[i]].sum(-1))
        others = (ids[left] == ids[i]) & (left != i)
        if others.any():
            add("awake_duplicate", mass, b[:, others].sum(-1))
        marks = one.traits.punctuation[left]
        if marks.any():
            add("awake_punctuation", mass, b[:, marks].sum(-1))
    means = {name: part / total for name, (part, total) in values.items()}
    squares, of_entropy = means.pop("squares"), means.pop("entropy squares")
    means["awake_distance_deviation"] = np.sqrt(squares - means["awake_distance"] ** 2)
    means["awake_entropy_deviation"] = np.sqrt(of_entropy - means["awake_entropy"] ** 2)
    return means


def explained_by_hand(blocks):
    """The share of variance around equal attention that offsets explain, weighted by mass."""
    rows = [row for row in rows_of(blocks) if len(row[2]) >= 8]
    sums, weights = {}, {}
    for _, i, left, mass, b in rows:
        for j, of_key in zip(left, b.T, strict=True):
            sums[j - i] = sums.get(j - i, 0) + mass * of_key
            weights[j - i] = weights.get(j - i, 0) + mass
    within = around = 0
    for _, i, left, mass, b in rows:
        fitted = np.array([sums[j - i] / weights[j - i] for j in left]).T
        within = within + mass * ((b - fitted) ** 2).sum(-1)
        around = around + mass * ((b - 1 / len(left)) ** 2).sum(-1)
    return 1 - within / around


CASES = [("full", ("special",)), ("causal", ("first",)), ("causal", ("special", "first"))]


@pytest.mark.parametrize(("mask", "resting"), CASES)
def test_statistics_are_as_their_formulas_say(mask, resting):
    blocks = [block(number, length, mask, resting) for number, length in enumerate((3, 9, 14, 30))]
    values = collect(blocks).values()
    expected = by_hand(blocks) | {"awake_positional": explained_by_hand(blocks)}
    for head, of_head in enumerate(values):
        for name, column in expected.items():
            assert of_head[name] == pytest.approx(column[head], abs=1e-9), name
    stated = {name for name, value in values[0].items() if value is not None}
    missing = {name for name in stated if name.startswith("awake_")} - expected.keys()
    assert not missing


def test_parts_put_together_are_the_whole():
    blocks = [block(number, length) for number, length in enumerate((9, 14, 30, 5))]
    together = HeadStatistics(HEADS, types=(TYPES, TYPES))
    for number, one in enumerate(blocks):
        alone = collect([replace(one, document=0)])
        together.merge(alone.state(), np.array([number]))
    once = collect(blocks)
    for merged, at_once in zip(together.values(), once.values(), strict=True):
        assert merged == pytest.approx(at_once, abs=1e-6)
    assert together.awake.waking() == once.awake.waking()


def test_nothing_is_said_where_nothing_rests():
    values = collect([block(0, 12, resting=())]).values()
    assert not any(name.startswith(("awake_", "rest", "asleep")) for name in values[0])


def test_nothing_is_said_of_what_is_next_to_nothing():
    collected = collect([block(0, 20, boost=30.0)])
    (of_head, _) = collected.values()
    assert of_head["rest"] == pytest.approx(1)
    assert of_head["asleep"] == 1
    assert {of_head[name] for name in of_head if name.startswith("awake_")} == {None}


def test_tokens_that_wake_a_head_are_named_with_their_rows():
    """Rows of type c attend to what is no special token, all others to the special ones; by the
    log-likelihood ratio, so that a type of one row is not named."""
    blocks = []
    for number in range(6):
        one = block(number, 24, boost=8.0)
        awake = one.traits.ids == 2
        left = ~one.traits.resting
        one.attention[:, awake] = left / left.sum()
        blocks.append(one)
    counted = sum(int((one.traits.ids[1:-1] == 2).sum()) for one in blocks)
    for of_head in collect(blocks).awake.waking():
        (waking,) = of_head
        assert (waking.token, waking.rate, waking.rows) == ("c", 1.0, counted)
