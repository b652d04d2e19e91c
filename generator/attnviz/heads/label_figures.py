"""What is measured of labels that are tests of pairs: precision, recall, and counter-examples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attnviz.format.pair_tests import PairTest
from attnviz.heads.counter_examples import KEPT, CounterExample, CounterExamples
from attnviz.heads.label_tests import CountingPairs, LabelSums
from attnviz.heads.statistic import SeeingRows
from attnviz.heads.sums import Sums
from attnviz.score import Array

_HELD_OUT = (1,)


@dataclass(frozen=True)
class LabelFigure:
    """Of a head and a label, whose number this is: precision and recall over all documents, and
    over the held-out half; None where they are not defined."""

    label: int
    precision: float | None
    recall: float | None
    held_out_precision: float | None
    held_out_recall: float | None


class LabelTests(Sums):
    """Collects what is measured of these tests, and, where it is asked for, counter-examples."""

    def __init__(self, heads: int, tests: Sequence[PairTest], examples: bool) -> None:
        self._tests = tests
        self.sums = LabelSums(heads, tests)
        self.examples = CounterExamples(heads, len(tests)) if examples else None

    def add(self, rows: SeeingRows) -> None:
        """Take in rows of a document whose traits have the tests."""
        from attnviz.heads.label_counting import count_labels  # numba takes half a second to import

        for sinks in (False, True):
            pairs = CountingPairs.of(rows, self._tests, sinks)
            if pairs is None:
                continue
            least = self._least(pairs)
            counted = count_labels(rows.stored, pairs.counts, pairs.holds, least, KEPT)
            self.sums.add(rows, pairs, counted)
            if self.examples is not None:
                self.examples.add(rows, pairs, counted.least)

    def _least(self, pairs: CountingPairs) -> Array:
        """What a counter-example needs, (heads, labels); where none are kept, what no pair has."""
        if self.examples is None:
            heads = self.sums.held.shape[1]
            return np.full((heads, len(pairs.tested)), np.inf, np.float32)
        return self.examples.least(pairs)

    def figures(self) -> list[list[LabelFigure]]:
        """By head, those of each label that is defined of some row."""
        sums = self.sums
        columns = [
            sums.precision(), sums.recall(), sums.precision(_HELD_OUT), sums.recall(_HELD_OUT),
        ]  # fmt: skip
        labels = np.flatnonzero(sums.rows.sum(0)).tolist()
        heads = range(sums.held.shape[1])
        return [
            [LabelFigure(label, *(_known(of[head, label]) for of in columns)) for label in labels]
            for head in heads
        ]

    def counter_examples(self) -> list[list[CounterExample]]:
        """By head; none where they are not kept."""
        return [] if self.examples is None else self.examples.values()


def _known(value: float) -> float | None:
    return None if np.isnan(value) else float(value)


def means_of_others(
    figures: Sequence[Sequence[LabelFigure]],
) -> list[dict[int, tuple[float | None, float | None]]]:
    """By head and label the mean precision and the mean recall of all other heads, of which they
    are defined."""
    sums: dict[tuple[int, str], tuple[float, int]] = {}
    for of_head in figures:
        for each in of_head:
            for name in ("precision", "recall"):
                value = getattr(each, name)
                if value is not None:
                    total, count = sums.get((each.label, name), (0.0, 0))
                    sums[each.label, name] = total + value, count + 1
    return [
        {
            each.label: (
                _other(sums.get((each.label, "precision")), each.precision),
                _other(sums.get((each.label, "recall")), each.recall),
            )
            for each in of_head
        }
        for of_head in figures
    ]


def _other(total: tuple[float, int] | None, value: float | None) -> float | None:
    """A mean without one of its values."""
    if total is None:
        return None
    summed, count = total
    if value is not None:
        summed, count = summed - value, count - 1
    return summed / count if count else None
