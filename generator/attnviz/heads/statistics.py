"""Statistics of each head, streamed over the whole corpus in blocks of rows."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attnviz.format.pair_tests import PairTest
from attnviz.heads.agreement import Agreement
from attnviz.heads.awake import Awake
from attnviz.heads.bands import BandSums, HeadBands
from attnviz.heads.catalogue import GROUPS
from attnviz.heads.counter_examples import CounterExample
from attnviz.heads.label_figures import LabelFigure, LabelTests
from attnviz.heads.pairs import Pair, PairSums, Types
from attnviz.heads.positions import Locality
from attnviz.heads.spread import SinkShare, Spread
from attnviz.heads.statistic import Block, SeeingRows, StatisticGroup, VectorGroup
from attnviz.heads.sums import Count, Sums
from attnviz.score import Array


class HeadStatistics(Sums):
    """Collects the statistics of one layer's heads: `add` blocks and vectors, then ask for the
    results.

    `sinks` says whether the heads have learned sinks; `types` are the token types of queries and of
    keys that pairs are counted of; `numbers` (heads,) are those that examples are drawn by;
    `tests` are those of labels, which documents' traits have to have.
    """

    def __init__(
        self,
        heads: int,
        sinks: bool = False,
        types: tuple[Types, Types] | None = None,
        numbers: Array | None = None,
        tests: Sequence[PairTest] = (),
    ) -> None:
        self.heads = heads
        self._spread, self._locality = Spread(heads), Locality(heads)
        self.awake = Awake(heads, sinks, types[0] if types else None)
        # These groups are asked for more than columns; all are added to alike.
        asked: dict[type[StatisticGroup], StatisticGroup] = {
            Spread: self._spread,
            Locality: self._locality,
            Awake: self.awake,
        }
        self._groups = [
            asked.get(group) or group(heads) for group in GROUPS if sinks or group is not SinkShare
        ]
        self._agreement = Agreement(heads)
        self._pairs = PairSums(heads, *types) if types else None
        self._bands = None if numbers is None else BandSums(numbers)
        self._labels = LabelTests(heads, tests, numbers is not None) if tests else None

    def parts(self) -> dict[str, Sums]:
        groups: dict[str, Sums] = {type(group).__name__: group for group in self._groups}
        optional = {"pairs": self._pairs, "bands": self._bands, "labels": self._labels}
        there: dict[str, Sums] = {name: each for name, each in optional.items() if each is not None}
        return groups | {"agreement": self._agreement} | there

    def add_vectors(self, q: Array, k: Array) -> None:
        """Take in a document's queries (heads, T, d) and keys (kv heads, K, d)."""
        for group in self._groups:
            if isinstance(group, VectorGroup):
                group.add_vectors(q, k)

    def add_values(self, norms: Array) -> None:
        """Take in the lengths of a document's values, (kv heads, K)."""
        for group in self._groups:
            if isinstance(group, VectorGroup):
                group.add_values(norms)

    def add(self, block: Block) -> None:
        """Take in a document or a block of its rows."""
        rows = SeeingRows.of(block.near())
        if rows is None:
            return
        for group in self._groups:
            group.add(rows)
        traits = rows.traits
        if not block.cross:
            self._agreement.add(rows.attention, rows.allowed, rows.at, traits.labels)
        if self._pairs is not None and traits.types is not None:
            query, key = traits.types
            self._pairs.add(rows.attention, rows.allowed, query[rows.at], key)
        if self._bands is not None:
            self._bands.add(rows, block.content)
        if self._labels is not None:
            self._labels.add(rows)

    def values(self) -> list[dict[str, float | None]]:
        """One mapping per head, in nats, tokens and shares; None where no row defines a
        statistic."""
        columns: dict[str, Array] = {}
        for group in self._groups:
            columns |= group.values()
        return by_head(columns | self._agreement.values(), self.heads)

    def evidence(self) -> list[dict[str, float | None]]:
        """What labels go by: statistics over rows that see at least 8 keys, one mapping per
        head."""
        columns: dict[str, Array] = {}
        for group in self._groups:
            columns |= group.evidence()
        return by_head(columns, self.heads)

    def counts(self) -> dict[str, Count]:
        """What each column of `values` is a mean over."""
        counts: dict[str, Count] = {}
        for group in self._groups:
            counts |= group.counts()
        return counts | self._agreement.counts()

    def evidence_counts(self) -> dict[str, Count]:
        """What each column of `evidence` is a mean over."""
        counts: dict[str, Count] = {}
        for group in self._groups:
            counts |= group.evidence_counts()
        return counts

    def offset_counts(self) -> list[int]:
        """How many rows each offset of `profiles` is a mean over."""
        return self._locality.profile.counts()

    def profiles(self) -> list[list[float | None]]:
        """Mean attention at each offset j − i from −16 to 16, one list per head."""
        return self._locality.profile.values()

    def deciles(self) -> list[list[float]]:
        """For each head the least entropy of a row, by tenths of all rows, to the largest, in
        nats."""
        return self._spread.deciles.values()

    def pairs(self) -> list[list[Pair]]:
        """For each head the token types that it connects."""
        return [[] for _ in range(self.heads)] if self._pairs is None else self._pairs.values()

    def pair(self, head: int, query: str, key: str) -> tuple[float, float]:
        """The share and the lift of one head's attention between two token types, by their
        texts; 0 where there are none such."""
        return (0.0, 0.0) if self._pairs is None else self._pairs.measured(head, query, key)

    def bands(self) -> list[HeadBands]:
        """For each head its pairs by bands of attention; none where no examples are drawn."""
        return [] if self._bands is None else self._bands.values()

    def label_figures(self) -> list[list[LabelFigure]]:
        """For each head what is measured of labels that are tests; none without tests."""
        return [[] for _ in range(self.heads)] if self._labels is None else self._labels.figures()

    def counter_examples(self) -> list[list[CounterExample]]:
        """For each head the strongest pairs against each label."""
        nothing: list[list[CounterExample]] = [[] for _ in range(self.heads)]
        return nothing if self._labels is None else self._labels.counter_examples()

    def focus(self, document: int) -> Array:
        """How focused each head is in a document, (heads,); NaN where that is not defined."""
        return self._spread.typical.of(document)

    def typical(self) -> tuple[list[list[int]], list[list[float | None]]]:
        """For each head eleven documents, from the one it is most focused in down by tenths to the
        least, and how focused it is in each: 1 − evenness, averaged over rows."""
        return self._spread.typical.values()


def by_head(columns: dict[str, Array], heads: int) -> list[dict[str, float | None]]:
    """Columns (heads,) as one mapping per head, None for what is not a number."""
    return [
        {
            name: None if np.isnan(column[head]) else float(column[head])
            for name, column in columns.items()
        }
        for head in range(heads)
    ]
