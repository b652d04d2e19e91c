"""Counter-examples of labels: of each head and label the strongest pairs that count and that the
label does not hold for.

Those of parts of a corpus can be put together. Of pairs that are as strong, those with the smallest
numbers come first, which follow from what their document holds (`heads.bands`): so neither the
order of documents nor who measures them makes a difference. Documents that a model reads alike
have the same numbers: such pairs are there once.
"""

from __future__ import annotations

from dataclasses import dataclass
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

_FIRST: Final = 32
"""Rows of a head whose largest weights are looked at in a block before any others."""
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

    def add(self, rows: SeeingRows, pairs: CountingPairs, weights: Array, largest: Array) -> None:
        """Take in rows; `weights` (heads, rows, K) are attention, below 0 for what does not count,
        of which `largest` (heads, rows) is the largest of each row."""
        # As they are kept: a rounded limit would leave out the unrounded weight that it is of.
        weights = np.asarray(weights, np.float32)
        largest = np.asarray(largest, np.float32)
        limits = self._limits.reshape(-1, self._labels)[:, pairs.tested]  # (head, label)
        least = np.maximum(limits, LEAST)
        # So many pairs of each head, and those as strong, are looked at before any others.
        many = max(0, largest.shape[1] - _FIRST)
        seen_from = np.maximum(np.partition(largest, many, axis=1)[:, many], least.min(1))
        block = _Block.of(rows, pairs, weights)
        head, pair = np.nonzero(block.flat >= seen_from[:, None])
        order = np.lexsort((-block.flat[head, pair], head))
        head, pair = head[order], pair[order]
        weight, against = block.flat[head, pair], ~block.holds[:, pair]  # (pair,), (label, pair)
        # Where weaker pairs than those looked at may be among the strongest, all are looked at.
        before = np.zeros((len(against), len(pair) + 1), np.int64)
        np.cumsum(against, 1, out=before[:, 1:])
        starts = np.searchsorted(head, np.arange(len(largest) + 1))
        count = np.diff(before[:, starts], axis=1).T  # (head, label)
        unseen = (count < KEPT) & (least < seen_from[:, None])
        rank = before[:, :-1] - before[:, starts[head]]  # within a head
        label, place = np.nonzero(against & (rank == KEPT - 1))
        least[head[place], label] = np.maximum(least[head[place], label], weight[place])
        label, place = np.nonzero(against & (weight >= least[head].T) & ~unseen[head].T)
        chosen = [(label, head[place], pair[place])]
        for of, number in zip(*np.nonzero(unseen), strict=True):
            others = block.strongest(number, of, least[of, number])
            chosen.append((np.full(len(others), number), np.full(len(others), of), others))
        self._take(block, pairs, *(np.concatenate(parts) for parts in zip(*chosen, strict=True)))

    def _take(
        self, block: _Block, pairs: CountingPairs, label: Array, head: Array, pair: Array
    ) -> None:
        if not len(pair):
            return
        more = np.empty(len(pair), _PAIRS)
        more["cell"] = head * self._labels + pairs.tested[label]
        more["number"], more["document"] = block.numbers(pair), block.document
        more["query"], more["key"] = block.places(pair)
        more["weight"] = block.flat[head, pair]
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


@dataclass(frozen=True)
class _Block:
    """A block's pairs in a row: their weights, `flat` (heads, pairs), and of which labels hold,
    `holds` (labels, pairs); the places of its queries, the number of keys, and its document."""

    flat: Array
    holds: Array
    at: Array
    keys: int
    content: int
    document: int

    @classmethod
    def of(cls, rows: SeeingRows, pairs: CountingPairs, weights: Array) -> _Block:
        return cls(
            flat=weights.reshape(len(weights), -1),
            holds=pairs.holds.reshape(len(pairs.holds), -1),
            at=rows.at,
            keys=weights.shape[-1],
            content=rows.block.content,
            document=rows.block.document,
        )

    def places(self, pair: Array) -> tuple[Array, Array]:
        """The places of query and key of pairs."""
        return self.at[pair // self.keys], pair % self.keys

    def numbers(self, pair: Array) -> Array:
        """By which pairs as strong are ordered, uint64."""
        numbers: Array = pair_numbers(self.content, *self.places(pair), _OF_ALL)[0]
        return numbers

    def strongest(self, label: int, head: int, least: float) -> Array:
        """Of all pairs against a label that are no weaker than `least`, the strongest few, and
        those as strong, as places in `flat`."""
        weights = self.flat[head]
        pair = np.flatnonzero((weights >= least) & ~self.holds[label])
        if len(pair) > KEPT:
            least = np.partition(weights[pair], len(pair) - KEPT)[len(pair) - KEPT]
            pair = pair[weights[pair] >= least]
        return pair
