"""Pairs by bands of attention: every one is counted, and those drawn are a fair sample, whatever
the order of documents."""

import numpy as np
import pytest

from attnviz.documents import Tokens
from attnviz.heads.bands import (
    DRAWN,
    LOWS,
    BandSums,
    band_of,
    head_numbers,
    other_number,
    pair_numbers,
    text_number,
)
from attnviz.heads.statistic import Block, SeeingRows
from attnviz.heads.traits import Traits
from attnviz.score import Mask, mask_intervals

HEADS = 3
NUMBERS = head_numbers(0, "encoder", 1, range(HEADS))


def block(number, length, mask="full", heads=HEADS):
    """A document of random attention, of which bands have few pairs and many."""
    intervals = mask_intervals(Mask(mask), length, length)
    rng = np.random.default_rng(length)
    scores = 3 * rng.normal(size=(heads, length, length))
    weights = np.exp(scores) * intervals.allowed()
    a = (weights / weights.sum(-1, keepdims=True)).astype(np.float32)
    nothing = np.zeros(length, bool)
    return Block(number, a, intervals, Traits(nothing, nothing, None, None, None))


def collected(blocks, numbers=NUMBERS):
    sums = BandSums(numbers)
    for each in blocks:
        sums.add(SeeingRows.of(each), content=1000 + len(each.intervals.lo))
    return sums


def brute_force(blocks, head):
    """All pairs of a head: band, document, query, key, weight."""
    bounds = [1.1, *LOWS]
    pairs = []
    for each in blocks:
        for i, k in zip(*np.nonzero(each.intervals.allowed()), strict=True):
            weight = float(each.attention[head, i, k])
            band = next(b for b in range(len(LOWS)) if bounds[b + 1] <= weight < bounds[b])
            pairs.append((band, each.document, int(i), int(k), weight))
    return pairs


@pytest.mark.parametrize("mask", ["full", "causal"])
def test_every_pair_that_may_be_seen_is_counted_in_its_band(mask):
    blocks = [block(n, length, mask) for n, length in enumerate((1, 7, 30, 64))]
    for head, bands in enumerate(collected(blocks).values()):
        pairs = brute_force(blocks, head)
        of_band = [[pair for pair in pairs if pair[0] == b] for b in range(len(LOWS))]
        assert bands.pairs == [len(each) for each in of_band]
        assert bands.attention == pytest.approx([sum(p[-1] for p in each) for each in of_band])
        assert set(bands.drawn) <= set(pairs)
        counts = [min(DRAWN, len(each)) for each in of_band]
        assert [sum(p[0] == b for p in bands.drawn) for b in range(len(LOWS))] == counts


def test_the_sample_is_the_same_in_any_order_any_blocks_and_any_batches():
    blocks = [block(n, length, "causal") for n, length in enumerate((3, 70, 9, 33, 20))]
    whole = collected(blocks).values()
    pieces = [
        Block(b.document, b.attention[:, part], b.intervals.rows(part), b.traits)
        for b in blocks
        for part in (slice(0, 5), slice(5, None))
        if len(b.intervals.lo[part])
    ]
    sums = BandSums(NUMBERS)
    lengths = {b.document: len(b.intervals.lo) for b in blocks}
    for piece in reversed(pieces):
        sums.add(SeeingRows.of(piece), content=1000 + lengths[piece.document])
    together = BandSums(NUMBERS)
    for batch in ((4, 1), (2,), (0, 3)):
        members = [
            Block(place, blocks[n].attention, blocks[n].intervals, blocks[n].traits)
            for place, n in enumerate(batch)
        ]
        together.merge(collected(members).state(), np.array(batch))
    for other in (sums.values(), together.values()):
        for first, second in zip(whole, other, strict=True):
            assert first.drawn == second.drawn
            assert first.pairs == second.pairs
            assert first.attention == pytest.approx(second.attention)


def test_each_pair_of_a_band_has_the_same_chance():
    """Over 4,000 heads of the same attention every pair is drawn as often as chance has it: the
    statistic of a chi-squared test, of sampling without replacement, is within five deviations."""
    heads = 4000
    one = [block(n, length, heads=1) for n, length in enumerate((6, 13, 24))]
    many = [Block(b.document, np.repeat(b.attention, heads, 0), b.intervals, b.traits) for b in one]
    values = collected(many, head_numbers(0, "encoder", 0, range(heads))).values()
    pairs = brute_force(one, 0)
    for band in range(1, len(LOWS)):
        of_band = [pair[1:4] for pair in pairs if pair[0] == band]
        share = DRAWN / len(of_band)
        assert share < 0.7
        counts = dict.fromkeys(of_band, 0)
        for of_head in values:
            for pair in of_head.drawn:
                if pair[0] == band:
                    counts[pair[1:4]] += 1
        free = len(of_band) - 1
        off = np.array(list(counts.values())) - heads * share
        # Negatively correlated draws: the variance of each is n p (1 − p) N / (N − 1).
        statistic = (off**2).sum() / (heads * share * (1 - share)) * free / len(of_band)
        assert abs(statistic - free) < 5 * np.sqrt(2 * free)


def test_heads_seeds_and_documents_have_samples_of_their_own():
    blocks = [block(n, length) for n, length in enumerate((40, 41))]
    same = [Block(b.document, np.repeat(b.attention[:1], 3, 0), b.intervals, b.traits)
            for b in blocks]  # fmt: skip
    first, second, third = ({p[1:4] for p in of.drawn} for of in collected(same).values())
    assert first != second != third
    seeded = collected(same, head_numbers(1, "encoder", 1, range(HEADS))).values()
    assert first != {p[1:4] for p in seeded[0].drawn}


def test_another_document_adds_its_pairs_and_moves_no_others():
    blocks = [block(n, length) for n, length in enumerate((30, 31, 32))]
    before, after = collected(blocks[:2]).values(), collected(blocks).values()
    for small, large in zip(before, after, strict=True):
        assert {pair for pair in large.drawn if pair[1] != 2} <= set(small.drawn)


def test_documents_read_alike_are_drawn_once_and_counted_twice():
    alike = [block(7, 30), block(2, 30)]
    once, twice = collected(alike[:1]).values(), collected(alike).values()
    for first, second in zip(once, twice, strict=True):
        assert [n * 2 for n in first.pairs] == second.pairs
        assert [(b, *rest) for b, _, *rest in first.drawn] == [
            (b, *rest) for b, _, *rest in second.drawn
        ]
        assert {pair[1] for pair in second.drawn} == {2}


def test_what_is_kept_does_not_grow_with_the_corpus():
    small, large = (collected([block(n, 40 + n % 7) for n in range(c)]).state() for c in (2, 12))
    assert {k: v.shape for k, v in small.items()} == {k: v.shape for k, v in large.items()}


def test_a_band_begins_at_its_least_attention_and_no_rounding_moves_it():
    for number, low in enumerate(LOWS[:-1]):
        near = np.float32(low)
        around = np.array(
            [np.nextafter(near, np.float32(0)), near, np.nextafter(near, np.float32(1))]
        )
        expected = [number if float(w) >= low else number + 1 for w in around]
        assert band_of(around).tolist() == expected
    assert band_of(np.array([1.0, 0.0], np.float32)).tolist() == [0, len(LOWS) - 1]


def test_numbers_of_pairs_are_all_different_and_even():
    query, key = np.divmod(np.arange(90_000), 300)
    numbers = pair_numbers(5, query, key, NUMBERS)[0]
    assert len(set(numbers.tolist())) == 90_000
    counts = np.bincount((numbers >> np.uint64(60)).astype(int), minlength=16)
    assert abs(counts - 90_000 / 16).max() < 5 * np.sqrt(90_000 / 16)


def tokens(ids):
    none = np.zeros(len(ids), bool)
    return Tokens.of_text(np.array(ids), ["x"] * len(ids), np.full((len(ids), 2), -1), none, none)


def test_documents_are_told_apart_by_the_ids_of_all_axes_or_by_what_a_model_reads():
    numbers = [text_number([tokens(a), tokens(b)]) for a, b in (([1], [2]), ([1], [3]), ([2], [2]))]
    numbers.append(text_number([tokens([1, 2])]))
    assert len(set(numbers)) == 4
    assert None not in numbers
    patches = [Tokens.of_grid(["[CLS]"], 2, 2)]
    assert text_number(patches) is None
    assert other_number(patches, b"one") != other_number(patches, b"two")
