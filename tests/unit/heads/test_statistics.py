"""Statistics of heads, streamed: the same as in one go, in any order, and as their descriptions
say."""

from dataclasses import astuple, replace

import numpy as np
import pytest

from attnviz.documents import Tokens
from attnviz.format.pair_tests import PairTest, TokenTest
from attnviz.heads import Block, HeadStatistics, Traits, Types, statistic
from attnviz.heads.bands import head_numbers
from attnviz.heads.label_tests import pair_masks
from attnviz.heads.traits import punctuation, traits_of
from attnviz.score import Intervals, Mask, mask_intervals

HEADS = 3


def document(number, length, mask="full", seed=None):
    """A block of random attention over tokens of few kinds."""
    rng = np.random.default_rng(number if seed is None else seed)
    intervals = mask_intervals(Mask(mask), length, length)
    scores = np.where(intervals.allowed(), rng.normal(size=(HEADS, length, length)) * 2, -np.inf)
    a = np.exp(scores) / np.exp(scores).sum(-1, keepdims=True)
    ids = rng.integers(0, 6, length)
    traits = Traits(ids == 0, ids == 1, ids, np.full(length, -1), np.full(length, -1))
    return Block(number, a, intervals, traits)


def collect(blocks, vectors=()):
    collected = HeadStatistics(HEADS)
    for block in blocks:
        collected.add(block)
    for q, k in vectors:
        collected.add_vectors(q, k)
    return collected


def assert_same(first, second, tolerance=1e-9):
    for a, b in zip(first, second, strict=True):
        assert a.keys() == b.keys()
        for name in a:
            assert a[name] == (
                None if b[name] is None else pytest.approx(b[name], abs=tolerance)
            ), name


def everything(collected):
    """All that is said of the heads: mappings, texts, numbers, one after another."""
    pairs = [astuple(pair) for of_head in collected.pairs() for pair in of_head]
    lists = (*collected.deciles(), *collected.profiles(), *collected.typical())
    numbers = [number for each in lists for number in np.ravel(each).tolist()]
    return [*collected.values(), *collected.evidence(), *numbers, *sum(pairs, ())]


def test_sums_of_batches_put_together_are_those_of_all():
    """Whatever documents the batches have, on whatever numbers, with labels, values, vectors, and
    types that only one batch has."""
    rng = np.random.default_rng(5)
    corpus_types = Types(np.array([0, 2, 4]), ("a", "b", "c"))
    documents = []
    for number, length in enumerate((1, 12, 9, 20, 33)):
        block = document(number, length)
        labels = {} if number == 1 else {"part/of": rng.integers(-1, 3, length)}
        types = (corpus_types.of(block.traits.ids),) * 2
        traits = replace(block.traits, labels=labels, types=types)
        values = rng.random((1, length))
        documents.append(replace(block, traits=traits, values=values))
    vectors = [rng.normal(size=(2, HEADS, len(d.intervals.lo), 4)) for d in documents]

    def sums(numbers, types):
        collected = HeadStatistics(HEADS, types=(types, types))
        for place, number in enumerate(numbers):
            block = replace(documents[number], document=place if types.texts == () else number)
            of_types = types.of(block.traits.ids)
            collected.add(replace(block, traits=replace(block.traits, types=(of_types, of_types))))
            collected.add_vectors(vectors[number][0], vectors[number][1][:1])
            collected.add_values(block.values)
        return collected

    whole, together = sums(range(5), corpus_types), HeadStatistics(HEADS, types=(corpus_types,) * 2)
    for batch in ((3, 0), (4,), (1, 2)):
        ids = np.unique(np.concatenate([documents[number].traits.ids for number in batch]))
        together.merge(sums(batch, Types(ids, ())).state(), np.array(batch))
    assert whole.values()[0].keys() >= {"agreement:part/of", "effective_rank", "first_value"}
    assert len(everything(whole)) == len(everything(together))
    for first, second in zip(everything(whole), everything(together), strict=True):
        exact = second is None or isinstance(second, str)
        assert first == (second if exact else pytest.approx(second, rel=1e-6))


@pytest.mark.parametrize("mask", ["full", "causal"])
def test_any_order_and_any_blocks_give_the_same(mask):
    documents = [document(n, length, mask) for n, length in enumerate((1, 2, 9, 20, 33))]
    together = collect(documents)
    pieces = []
    for block in documents:
        for start in range(0, block.attention.shape[1], 4):
            part = slice(start, start + 4)
            pieces.append(
                Block(
                    block.document,
                    block.attention[:, part],
                    block.intervals.rows(part),
                    block.traits,
                )
            )
    streamed = collect(reversed(pieces))
    assert_same(together.values(), streamed.values())
    assert_same(together.evidence(), streamed.evidence())
    assert together.typical()[0] == streamed.typical()[0]
    assert np.allclose(
        np.array(together.profiles(), float), np.array(streamed.profiles(), float), equal_nan=True
    )


TESTS = (
    PairTest(least_offset=-1, greatest_offset=-1),
    PairTest(same="token"),
    PairTest(key=TokenTest(kind="punctuation")),
    PairTest(key=TokenTest(first=0, last=0), sinks=True),
)
HI = {
    "causal": lambda row: row + 1,
    "those before": lambda row: row,
    "two more": lambda row: np.minimum(row + 3, 40),
    "none late": lambda row: np.minimum(row + 1, 25) * (row < 33),
}
"""The key after the last that a row may see."""


@pytest.mark.parametrize("hi", HI)
def test_keys_that_no_row_may_see_are_left_out_and_change_nothing(hi, monkeypatch):
    """Of a document of all that statistics ask for, in blocks: as with all of its keys."""
    length, rng = 40, np.random.default_rng(3)
    row = np.arange(length)
    intervals = Intervals(np.zeros(length, int), HI[hi](row), length)
    a = rng.random((HEADS, length, length)) ** 3 * intervals.allowed()
    a /= a.sum(-1, keepdims=True).clip(1e-30)
    ids = rng.integers(0, 9, length)
    tokens = Tokens.of_text(
        ids, list(map(str, ids)), np.full((length, 2), -1), ids == 7, np.zeros(length, np.uint8)
    )
    types = Types(np.arange(6), tuple("abcdef"))
    traits = traits_of(
        tokens, length, 3, False, (types.of(ids),) * 2, resting=("first",), queries=tokens
    )
    traits = replace(
        traits,
        punctuation=ids == 5,
        row=row // 8,
        column=row % 8,
        labels={"part": rng.integers(-1, 3, length)},
        tests=pair_masks(TESTS, tokens, tokens, 3, False, {}),
    )
    values = rng.random((1, length))

    def statistics():
        numbers = head_numbers(0, "decoder", 0, range(HEADS))
        collected = HeadStatistics(HEADS, True, (types, types), numbers, TESTS)
        for start in range(0, length, 6):
            part = slice(start, start + 6)
            block = Block(
                0, a[:, part], intervals.rows(part), traits, values=values, content=start // 24
            )
            collected.add(block)
        return collected.state()

    entries = []
    monkeypatch.setattr(statistic.SeeingRows, "of", counting(statistic.SeeingRows.of, entries))
    near = statistics()
    assert sum(entries) <= HEADS * sum(6 * min(length, end + 8) for end in range(0, length, 6))
    monkeypatch.setattr(Block, "near", lambda block: block)
    whole = statistics()
    assert sum(entries[7:]) == HEADS * length**2
    assert near.keys() == whole.keys()
    for name, sums in whole.items():
        np.testing.assert_allclose(near[name], sums, rtol=1e-12, atol=1e-12, err_msg=name)


def counting(make, entries):
    def made(block):
        entries.append(block.attention.size)
        return make(block)

    return made


def test_statistics_are_as_they_are_described():
    block = document(0, 12, "causal")
    a, ids = block.attention[1], block.traits.ids
    values = collect([block]).values()[1]
    rows = range(12)
    entropy = [-sum(p * np.log(p) for p in a[i] if p > 0) for i in rows]
    assert values["entropy_deviation"] == pytest.approx(np.std(entropy))
    assert values["evenness"] == pytest.approx(
        np.mean([entropy[i] / np.log(i + 1) for i in rows if i])
    )
    apart = np.abs(np.subtract.outer(np.arange(12), np.arange(12)))
    mean = (a * apart).sum() / 12
    assert values["distance_deviation"] == pytest.approx(
        np.sqrt((a * (apart - mean) ** 2).sum() / 12)
    )
    same = ids[:, None] == ids
    assert values["same_token"] == pytest.approx((a * same).sum(1).mean())
    twice = [i for i in rows if (same[i, :i]).any()]
    assert values["duplicate"] == pytest.approx(
        np.mean([a[i, :i][same[i, :i]].sum() for i in twice])
    )
    see = [i for i in rows if block.traits.punctuation[: i + 1].any()]
    assert values["punctuation"] == pytest.approx(
        np.mean([a[i][block.traits.punctuation].sum() for i in see])
    )
    assert values["near"] == pytest.approx((a * (apart <= 3)).sum(1).mean())
    assert values["top"] == pytest.approx(a.max(1).mean())
    few = [
        next(n for n in range(1, 13) if np.sort(a[i])[::-1][:n].sum() >= 0.9 - 1e-12) for i in rows
    ]
    assert values["keys90"] == pytest.approx(np.mean(few))


def test_of_positions_those_beyond_512_count_as_one_on_either_side():
    block = document(0, 700)
    bin_of = (np.arange(700) - np.arange(700)[:, None]).clip(-512, 512) + 512
    pairs = np.bincount(bin_of.ravel())
    for head, values in enumerate(collect([block]).values()):
        a = block.attention[head]
        mean = np.bincount(bin_of.ravel(), a.ravel()) / pairs
        explained = ((mean[bin_of] - 1 / 700) ** 2).sum() / ((a - 1 / 700) ** 2).sum()
        assert values["positional"] == pytest.approx(explained, rel=1e-6)


def test_attention_by_offset_alone_is_all_positional():
    length = 20
    offset = np.arange(length) - np.arange(length)[:, None]
    kernel = np.exp(-np.abs(offset - 2))
    intervals = mask_intervals(Mask("full"), length, length)
    traits = document(0, length).traits
    moving = kernel / kernel.sum(1).max()
    blocks = [Block(0, np.repeat(moving[None], HEADS, 0), intervals, traits)]
    values = collect(blocks)
    assert values.values()[0]["positional"] > 0.99
    middle = values.profiles()[0]
    assert np.argmax(middle) == 16 + 2
    assert collect([document(n, 30) for n in range(8)]).values()[0]["positional"] < 0.1


def test_equal_attention_has_nothing_to_explain():
    length = 10
    equal = np.full((HEADS, length, length), 1 / length)
    block = Block(
        0, equal, mask_intervals(Mask("full"), length, length), document(0, length).traits
    )
    values = collect([block]).values()[0]
    assert values["positional"] is None
    assert values["evenness"] == pytest.approx(1)


def test_evidence_counts_rows_that_see_enough_keys():
    short, long = document(0, 5), document(1, 20)
    assert_same(collect([short, long]).evidence(), collect([long]).evidence())
    assert collect([short]).evidence()[0]["previous"] is None


def test_a_sinks_share_is_what_rows_lack():
    block = document(0, 9)
    collected = HeadStatistics(HEADS, sinks=True)
    collected.add(Block(0, block.attention * 0.25, block.intervals, block.traits))
    assert collected.values()[0]["sink"] == pytest.approx(0.75)


def test_lengths_and_rank_of_vectors():
    rng = np.random.default_rng(0)
    q, k = rng.normal(size=(4, 30, 8)), rng.normal(size=(2, 30, 8))
    parts = [(q[:, :10], k[:, :10]), (q[:, 10:], k[:, 10:])]
    values = HeadStatistics(4)
    for part in reversed(parts):
        values.add_vectors(*part)
    value = values.values()[3]
    assert value["query_norm"] == pytest.approx(np.linalg.norm(q[3], axis=1).mean())
    assert value["key_norm"] == pytest.approx(np.linalg.norm(k[1], axis=1).mean())
    singular = np.linalg.svd(q[3] @ (k[1] - k[1].mean(0)).T, compute_uv=False)
    share = singular[singular > 1e-9] / singular.sum()
    assert value["effective_rank"] == pytest.approx(np.exp(-(share * np.log(share)).sum()))


def test_typical_documents_go_from_the_most_focused_to_the_least():
    blocks = []
    for number, sharp in enumerate([0.1, 3.0, 1.0]):
        block = document(number, 20, seed=0)
        a = block.attention**sharp
        blocks.append(Block(number, a / a.sum(-1, keepdims=True), block.intervals, block.traits))
    for typical in collect(blocks).typical()[0]:
        assert len(typical) == 11
        assert (typical[0], typical[5], typical[-1]) == (1, 2, 0)


def test_a_picture_has_rows_and_columns():
    side = 4
    row, column = np.divmod(np.arange(side * side), side)
    place = np.concatenate([[-1], row]), np.concatenate([[-1], column])
    count = side * side + 1
    same_row = np.equal.outer(*2 * (place[0],)) & (place[0] >= 0)
    a = np.where(same_row, 0.8 / side, 0.0)
    a[:, 0] = 0.2
    a[0] = 1 / count
    nothing = np.zeros(count, bool)
    traits = Traits(nothing, nothing, np.full(count, -1), *place)
    block = Block(
        0, np.repeat(a[None], HEADS, 0), mask_intervals(Mask("full"), count, count), traits
    )
    values = collect([block]).values()[0]
    assert values["same_row"] == pytest.approx(1)
    assert values["same_column"] == pytest.approx(1 / side)
    assert values["unplaced"] == pytest.approx(0.2)
    apart = np.abs(np.subtract.outer(np.arange(side), np.arange(side)))
    assert values["patch_distance"] == pytest.approx(apart.mean())
    assert values["neighbours"] == pytest.approx((apart <= 1).mean())
    assert values["same_token"] is None


def test_cross_attention_compares_no_places():
    block = document(0, 12)
    traits = Traits(block.traits.separator, block.traits.punctuation, None, None, None)
    values = collect([Block(0, block.attention, block.intervals, traits, cross=True)]).values()[0]
    assert values["previous"] is None
    assert values["distance"] is None
    assert values["distance_deviation"] is None
    assert values["entropy"] is not None


def test_punctuation_is_punctuation_alone():
    pieces = [",", "Ġ.", "##'", "▁!", "—", "a", "##ly", "a.", "Ġ", "", "[SEP]", "$", "#", "##"]
    assert punctuation(pieces).tolist() == [True] * 5 + [False] * 7 + [True, True]


@pytest.mark.parametrize("keys", [10, 20, 30, 50, 100])
@pytest.mark.parametrize("rounding", [-1e-9, 0.0, 1e-9])
def test_keys_alike_hold_nine_tenths_whatever_rounding_makes_of_them(keys, rounding):
    block = document(0, keys)
    uniform = np.full_like(block.attention, 1 / keys)
    uniform[..., : keys // 2] += rounding
    values = collect([replace(block, attention=uniform)]).values()[1]
    assert values["keys90"] == pytest.approx(0.9 * keys)
