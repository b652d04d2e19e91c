"""Labels as tests: of how much of a head's attention a label is true, and of how many rows.

A label's test says of each pair of a query i and a key j whether it holds (`format.pair_tests`). Of
the pairs that count, those that a row may see and, but for labels with `sinks`, whose key attention
does not rest on (`heads.resting`) and whose query is no special token,

- precision is Σ a_ij over pairs that it holds for, divided by Σ a_ij over all that count;
- recall is the share, among rows that have a pair that it holds for, of those whose largest
  attention among the keys that count is on such a pair: of equal ones the first counts.

Both are summed apart over two halves of the documents, which follow from what a document holds, so
that another document moves none to the other half.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from attnviz.config.head_labels import compile_pattern
from attnviz.documents.tokens import Tokens
from attnviz.format.pair_tests import PairTest, TokenTest
from attnviz.heads.awake import LEAST_AWAKE
from attnviz.heads.statistic import SeeingRows, StatisticColumn
from attnviz.heads.sums import ArraySums
from attnviz.heads.traits import PairMask, punctuation
from attnviz.score import Array

if TYPE_CHECKING:
    from attnviz.heads.label_counting import CountedLabels

FITS: Final = "fits:"
"""What begins the names of statistics that are precisions of declared labels."""
THRESHOLD: Final = 0.5
"""The precision from which a head has a label that the corpus declares."""
_HALVES: Final = 2
_SHORT: Final = 1 << 16
"""Pairs of a block of which it is remembered which labels hold."""


def fits_column(name: str) -> StatisticColumn:
    """The column of a declared label's precision, by the statistic's name."""
    label = name.removeprefix(FITS)
    return StatisticColumn(
        name,
        f"Fits {label}",
        "share",
        f"Of the head's attention, the share on pairs that the label {label!r} of the corpus holds "
        "for.",
    )


def half_of(content: int) -> int:
    """The half, 0 or 1, of a document with this number by its content; 1 is the held-out one."""
    return content >> 63


def pair_masks(
    tests: Sequence[PairTest],
    queries: Tokens | None,
    keys: Tokens | None,
    separator: int | None,
    cross: bool,
    labels: Mapping[str, str | None],
) -> tuple[PairMask | None, ...]:
    """Each test on a document's tokens: which of them may be queries and keys of it. None where it
    is not defined: of unknown tokens, and across two sequences where it compares them. `separator`
    is the id of the model's, `labels` are the document's own by column."""
    return tuple(
        None
        if queries is None or keys is None or (cross and _compares(test))
        else _mask(test, queries, keys, separator, labels)
        for test in tests
    )


def _compares(test: PairTest) -> bool:
    offsets = test.least_offset, test.greatest_offset
    return test.same is not None or any(offset is not None for offset in offsets)


def document_columns(tests: Sequence[PairTest]) -> frozenset[str]:
    """The columns of documents' labels that tests ask for."""
    return frozenset(of.column for test in tests for of in test.documents or ())


def _mask(
    test: PairTest,
    queries: Tokens,
    keys: Tokens,
    separator: int | None,
    labels: Mapping[str, str | None],
) -> PairMask:
    ids = None
    if test.same == "token":
        ids = keys.ids
    elif test.same == "after":
        ids = np.append(-1, keys.ids[:-1])  # of the token before
    meant = all(labels.get(of.column) in of.values for of in test.documents or ())
    return PairMask(
        query=_tokens_of(test.query, queries, separator) if meant else np.zeros(len(queries), bool),
        key=_tokens_of(test.key, keys, separator),
        offsets=(test.least_offset, test.greatest_offset),
        query_ids=None if ids is None else queries.ids,
        key_ids=ids,
    )


def _tokens_of(test: TokenTest | None, tokens: Tokens, separator: int | None) -> Array | None:
    """Which tokens are meant, (T,) bool; None for all."""
    if test is None:
        return None
    meant = np.ones(len(tokens), bool)
    for condition in _conditions(test, tokens, separator):
        meant &= condition
    return meant


def _conditions(test: TokenTest, tokens: Tokens, separator: int | None) -> Iterator[Array]:
    pieces = tokens.texts
    words = [c.strip() or p for c, p in zip(tokens.characters, pieces, strict=True)]
    text = tokens.ids >= 0  # a patch has no characters to test
    if test.kind == "separator":
        yield np.zeros(len(tokens), bool) if separator is None else tokens.ids == separator
    if test.kind == "punctuation":
        yield punctuation(words) & ~tokens.special
    if test.texts is not None:
        meant = set(test.texts)
        yield text & np.array([not meant.isdisjoint(t) for t in zip(words, pieces, strict=True)])
    if test.pattern is not None:
        pattern = compile_pattern(test.pattern)
        yield text & np.array([pattern.search(word) is not None for word in words], bool)
    if test.column is not None:
        labels = tokens.labels.get(test.column, (None,) * len(tokens))
        yield np.array([label in (test.values or ()) for label in labels], bool)
    places = np.arange(len(tokens))
    for place, keep in ((test.first, np.greater_equal), (test.last, np.less_equal)):
        if place is not None:
            yield keep(places, place + len(tokens) if place < 0 else place)


@dataclass(frozen=True)
class CountingPairs:
    """The pairs of rows that count for labels of one kind, of all attention or of that which does
    not rest: `counts` (rows, K) bool, `tested` the numbers of the labels, and `holds`
    (labels, rows, K) bool, of which pairs that count each of them holds."""

    counts: Array
    tested: Array
    holds: Array

    @classmethod
    def of(cls, rows: SeeingRows, tests: Sequence[PairTest], sinks: bool) -> CountingPairs | None:
        """None where no label of the kind is defined, or no pair counts. Layers on the same axes
        have the same pairs, so those of short documents are made once."""
        known = rows.traits.counted.get(sinks)
        if known is not None:
            allowed, at, before = known
            if np.array_equal(at, rows.at) and np.array_equal(allowed, rows.allowed):
                remembered: CountingPairs | None = before
                return remembered
        pairs = cls._made(rows, tests, sinks)
        if rows.allowed.size <= _SHORT:
            rows.traits.counted[sinks] = rows.allowed, rows.at, pairs
        return pairs

    @classmethod
    def _made(
        cls, rows: SeeingRows, tests: Sequence[PairTest], sinks: bool
    ) -> CountingPairs | None:
        masks = rows.traits.tests
        numbers = [
            number
            for number, (test, mask) in enumerate(zip(tests, masks, strict=True))
            if mask is not None and test.sinks == sinks
        ]
        counts = rows.allowed if sinks else _awake(rows)
        if not numbers or not counts.any():
            return None
        holds = np.empty((len(numbers), *counts.shape), bool)
        for place, number in enumerate(numbers):
            mask = masks[number]
            assert mask is not None
            np.logical_and(counts, mask.pairs(rows.at, counts.shape[1]), out=holds[place])
        return cls(counts, np.array(numbers), holds)


def _awake(rows: SeeingRows) -> Array:
    """The pairs (rows, K) whose key attention does not rest on and whose query is not special."""
    traits = rows.traits
    awake = rows.allowed
    if traits.resting is not None:
        awake = awake & ~traits.resting
    if traits.special_queries is not None:
        awake = awake & ~traits.special_queries[rows.at][:, None]
    return awake


class LabelSums(ArraySums):
    """Attention and rows by half, head and label: `held` on pairs that a label holds for and `all`
    that counts, (halves, heads, labels), of `rows` rows, (halves, labels); of `seeing` rows that
    have a pair that it holds for, (halves, labels), those whose largest attention is on one,
    `hits`, (halves, heads, labels)."""

    SUMMED = ("held", "all", "rows", "seeing", "hits")

    def __init__(self, heads: int, tests: Sequence[PairTest]) -> None:
        self._tests = tests
        by_head, by_label = (_HALVES, heads, len(tests)), (_HALVES, len(tests))
        self.held, self.all, self.hits = (np.zeros(by_head) for _ in range(3))
        self.rows, self.seeing = np.zeros(by_label), np.zeros(by_label)

    def add(self, rows: SeeingRows, pairs: CountingPairs, counted: CountedLabels) -> None:
        """Take in rows, whose pairs were counted."""
        half, tested = half_of(rows.block.content), pairs.tested
        self.held[half][:, tested] += counted.held
        self.all[half][:, tested] += counted.all[:, None]
        self.rows[half, tested] += pairs.counts.any(-1).sum()
        self.seeing[half, tested] += counted.seeing
        self.hits[half][:, tested] += counted.hits

    def precision(self, halves: Sequence[int] = (0, 1)) -> Array:
        """(heads, labels), over these halves; NaN where too little counts."""
        held, total = (array[list(halves)].sum(0) for array in (self.held, self.all))
        rows = self.rows[list(halves)].sum(0)
        enough = (total > 0) & (total >= LEAST_AWAKE * rows)
        precision: Array = np.divide(held, total, where=enough, out=np.full(total.shape, np.nan))
        return precision

    def recall(self, halves: Sequence[int] = (0, 1)) -> Array:
        """(heads, labels), over these halves; NaN where no row has such a pair."""
        hits, seeing = (array[list(halves)].sum(0) for array in (self.hits, self.seeing))
        seeing = np.broadcast_to(seeing, hits.shape)
        recall: Array = np.divide(hits, seeing, where=seeing > 0, out=np.full(hits.shape, np.nan))
        return recall
