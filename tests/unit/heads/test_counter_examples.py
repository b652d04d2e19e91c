"""The strongest pairs against a label: those of a plain search, whatever the blocks, the order of
documents and the parts that are put together."""

from dataclasses import replace

import numpy as np
import pytest

from attnviz.documents import Tokens
from attnviz.format.manifest import PairTest, TokenTest
from attnviz.heads import Block, traits_of
from attnviz.heads.label_figures import LabelTests
from attnviz.heads.label_tests import pair_masks
from attnviz.heads.statistic import SeeingRows
from attnviz.heads.traits import PairMask
from attnviz.score import Mask, mask_intervals

HEADS = 3
TESTS = (
    PairTest(least_offset=-1, greatest_offset=-1),
    PairTest(same="token"),
    PairTest(key=TokenTest(first=0, last=0), sinks=True),
    PairTest(greatest_offset=0),
)
LENGTHS = (70, 5, 90, 41)


def document(number, content):
    """A head that is nearly all on the token before, one on few keys, and one whose largest weights
    are all alike; the first token rests."""
    length = LENGTHS[number]
    rng = np.random.default_rng(content)
    intervals = mask_intervals(Mask("causal"), length, length)
    scores = rng.normal(size=(HEADS, length, length)) * 4
    scores[0][np.arange(1, length), np.arange(length - 1)] += 25
    scores[2] = np.round(scores[2] / 6) * 6
    scores = np.where(intervals.allowed(), scores, -np.inf)
    a = np.exp(scores - scores.max(-1, keepdims=True))
    a = (a / a.sum(-1, keepdims=True)).astype(np.float32)
    ids = rng.integers(0, 9, length)
    special = np.zeros(length, bool)
    tokens = Tokens.of_text(
        ids, list(map(str, ids)), np.full((length, 2), -1), special, np.zeros(length, np.uint8)
    )
    traits = traits_of(tokens, length, None, False, resting=("first",), queries=tokens)
    traits = replace(traits, tests=pair_masks(TESTS, tokens, tokens, None, False, {}))
    return a, intervals, traits, content


def collect(documents, numbers, rows=10_000):
    """What is collected of some documents, in blocks of so many rows."""
    collected = LabelTests(HEADS, TESTS, True)
    for at, number in enumerate(numbers):
        a, intervals, traits, content = documents[number]
        for first in range(0, a.shape[1], rows):
            of_rows = slice(first, first + rows)
            block = Block(at, a[:, of_rows], intervals.rows(of_rows), traits, content=content)
            collected.add(SeeingRows.of(block))
    return collected


def by_search(documents, head, label):
    """The weights of the strongest three pairs."""
    weights = []
    for a, intervals, traits, _ in documents:
        counts = intervals.allowed() & (TESTS[label].sinks | ~traits.resting)
        at = np.arange(a.shape[1])
        holds = traits.tests[label].pairs(at, a.shape[1])
        weights += a[head][counts & ~holds].tolist()
    return [w for w in sorted(weights, reverse=True)[:3] if w >= 0.01]


@pytest.fixture(scope="module")
def documents():
    return [
        document(number, content) for number, content in enumerate((2**63 + 5, 7, 11, 2**64 - 1))
    ]


@pytest.mark.parametrize("rows", [10_000, 13])
def test_they_are_those_of_a_plain_search(documents, rows):
    values = collect(documents, range(4), rows).counter_examples()
    for head in range(HEADS):
        for label in range(len(TESTS)):
            pairs = [pair for pair in values[head] if pair[0] == label]
            assert [pair[4] for pair in pairs] == by_search(documents, head, label)
            for _, number, query, key, weight in pairs:
                assert documents[number][0][head, query, key] == np.float32(weight)


def test_attention_of_more_digits_loses_none(documents):
    """Attention as the audit has it: a weight that rounds up is as strong as when it is kept."""
    finer = [(a.astype(np.float64) * (1 - 2.0**-26), *others) for a, *others in documents]
    values = collect(finer, range(4)).counter_examples()
    for head, alone in enumerate(collect(documents, range(4)).counter_examples()):
        assert [pair[:4] for pair in values[head]] == [pair[:4] for pair in alone]


def test_blocks_order_and_parts_make_no_difference(documents):
    alone = collect(documents, range(4)).counter_examples()
    order = (2, 0, 3, 1)
    other = collect(documents, order, 7).counter_examples()
    parts = LabelTests(HEADS, TESTS, True)
    for numbers in ((3, 1), (0, 2)):
        part = collect(documents, numbers, 29)
        state = {name: np.array(array) for name, array in part.state().items()}
        parts.merge(state, np.array(numbers))
    for head in range(HEADS):
        assert {(label, order[n], q, k, w) for label, n, q, k, w in other[head]} == set(alone[head])
    assert parts.counter_examples() == alone
    assert parts.figures()[0][0].precision == pytest.approx(
        collect(documents, range(4)).figures()[0][0].precision
    )


def test_documents_that_are_read_alike_are_there_once(documents):
    twice = collect([documents[1], documents[1]], range(2)).counter_examples()
    assert twice == collect(documents[1:2], range(1)).counter_examples()
    assert any(twice)


def test_a_corpus_may_have_more_labels_than_a_number_has_bits(documents):
    a, intervals, traits, content = documents[2]
    length = a.shape[1]
    tests = [PairTest(least_offset=-n, greatest_offset=-n, sinks=True) for n in range(70)]
    masks = tuple(PairMask(None, None, (-n, -n), None, None) for n in range(70))
    collected = LabelTests(HEADS, tests, True)
    traits = replace(traits, tests=masks, counted={})
    collected.add(SeeingRows.of(Block(0, a, intervals, traits, content=content)))
    strongest = collected.counter_examples()
    for head, of_head in enumerate(collected.figures()):
        assert [figure.label for figure in of_head] == list(range(70))
        for figure in of_head:
            n = figure.label
            diagonal = np.arange(length - n) + n, np.arange(length - n)
            assert figure.precision == pytest.approx(a[head][diagonal].sum() / a[head].sum(), 1e-5)
            on_top = a[head].argmax(-1)[n:] == np.arange(length - n)
            assert figure.recall == pytest.approx(on_top.mean())
            others = a[head].copy()
            others[diagonal] = 0
            weights = [pair[4] for pair in strongest[head] if pair[0] == n]
            three = np.sort(others, axis=None)[:-4:-1]
            assert weights == three[three >= 0.01].tolist()
