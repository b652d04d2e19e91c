"""Counter-examples of labels: of each head and label the strongest pairs that count and that the
label does not hold for.

Those of parts of a corpus can be put together. Of pairs that are as strong, those with the smallest
numbers come first, which follow from what their document holds (`heads.bands`): so neither the
order of documents nor who measures them makes a difference. Documents that a model reads alike
have the same numbers: such pairs are there once.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.heads.bands import pair_numbers
from attnviz.heads.label_tests import CountingPairs
from attnviz.heads.statistic import SeeingRows
from attnviz.heads.sums import State, Sums
from attnviz.score import Array

KEPT: Final = 3
"""Pairs of a head and label."""
LEAST: Final = 0.01
"""The attention of a counter-example: of less, nothing is shown."""

_OF_ALL: Final = np.zeros(1, np.uint64)
"""In place of a head's number: pairs are ordered alike in all."""
_PAIRS: Final = np.dtype(
    [
        ("cell", np.uint32),  # head · labels + label
        ("number", np.uint64),
        ("document", np.int64),
        ("query", np.uint32),
        ("key", np.uint32),
        ("weight", np.float32),
    ]
)

CounterExample = tuple[int, int, int, int, float]
"""Label by its number, document, query, key, attention."""


class CounterExamples(Sums):
    """The strongest pairs against each label."""

    def __init__(self, heads: int, labels: int) -> None:
        self._heads, self._labels = heads, labels
        self._strongest = np.empty(0, _PAIRS)
        # The attention of the weakest pair of each cell that is full.
        self._limits = np.zeros(heads * labels, np.float32)

    def least(self, pairs: CountingPairs) -> Array:
        """What a pair needs to be among the strongest, (heads, labels) float32, of the labels of
        these pairs."""
        limits = self._limits.reshape(-1, self._labels)[:, pairs.tested]
        return np.maximum(limits, np.float32(LEAST))

    def add(self, rows: SeeingRows, pairs: CountingPairs, least: Array) -> None:
        """Take in rows, of which no pair is among the strongest that has less than `least`
        (heads, labels) float32."""
        from attnviz.heads.label_counting import strong_pairs  # numba takes half a second to import

        # As they are kept: a rounded limit would leave out the unrounded weight that it is of.
        stored = np.ascontiguousarray(rows.stored, np.float32)
        strong = strong_pairs(stored, np.ascontiguousarray(pairs.counts), least.min(1))
        head, row, key = np.unravel_index(strong, stored.shape)
        weight = stored[head, row, key]
        against = ~pairs.holds[:, row, key] & (weight >= least[head].T)  # (label, pair)
        label, place = np.nonzero(against)
        if not len(label):
            return
        head, query, key = head[place], rows.at[row[place]], key[place]
        content = rows.block.content
        more = np.empty(len(label), _PAIRS)
        more["cell"] = head * self._labels + pairs.tested[label]
        more["number"] = pair_numbers(content, query, key, _OF_ALL)[0]
        more["document"] = rows.block.document
        more["query"], more["key"], more["weight"] = query, key, weight[place]
        self._keep(more)

    def state(self) -> dict[str, Array]:
        """A column for each thing that is known of the pairs."""
        return {name: np.array(self._strongest[name]) for name in _PAIRS.names or ()}

    def merge(self, state: State, documents: Array) -> None:
        more = np.empty(len(state["cell"]), _PAIRS)
        for name in _PAIRS.names or ():
            more[name] = state[name]
        if len(more):
            more["document"] = documents[state["document"]]
            self._keep(more)

    def values(self) -> list[list[CounterExample]]:
        """By head, label by label, the strongest first."""
        head, label = np.divmod(self._strongest["cell"], max(1, self._labels))
        by_head: list[list[CounterExample]] = [[] for _ in range(self._heads)]
        for of, number, pair in zip(head.tolist(), label.tolist(), self._strongest, strict=True):
            places = int(pair["document"]), int(pair["query"]), int(pair["key"])
            by_head[of].append((number, *places, float(pair["weight"])))
        return by_head

    def _keep(self, more: Array) -> None:
        """The strongest of each cell, of what is kept already and of these."""
        both = np.concatenate([self._strongest, more])
        both = both[np.lexsort((both["document"], both["number"], both["cell"]))]
        cell, number = both["cell"], both["number"]
        first = np.append(True, (cell[1:] != cell[:-1]) | (number[1:] != number[:-1]))
        both = both[first]  # of documents alike the one that comes first in the corpus
        both = both[np.lexsort((both["number"], -both["weight"], both["cell"]))]
        place = np.arange(len(both)) - np.searchsorted(both["cell"], both["cell"])
        self._strongest = both[place < KEPT]
        last = both[place == KEPT - 1]
        self._limits[last["cell"]] = last["weight"]
