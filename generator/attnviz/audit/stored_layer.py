"""A layer's heads on every document of a report, as its shards have them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from attnviz.format.manifest import Head, Model, Stack
from attnviz.maps.document_rows import DocumentRows
from attnviz.reader.selecting import axis_of, stack_of
from attnviz.reader.store import ShardStore
from attnviz.reader.stored_attention import HeadDocument, StoredAttention
from attnviz.reader.stored_values import lengths_entry, value_lengths
from attnviz.score import Array, Intervals


@dataclass(frozen=True)
class StoredDocument:
    """One document in one layer, head by head."""

    document: int
    intervals: Intervals
    heads: Sequence[HeadDocument]
    groups: Sequence[int]
    values: Array | None
    """Lengths of values, (kv heads, K), where the report has them."""

    def attention(self, rows: slice = slice(None)) -> Array:
        """Attention (heads, rows, K), float64; NaN in rows that see no key."""
        return np.stack([head.attention(rows) for head in self.heads])

    def scores(self, rows: slice) -> Array:
        """What attention is monotone in, (heads, rows, K)."""
        return np.stack([head.scores(rows) for head in self.heads])

    @property
    def vectors(self) -> tuple[Array, Array] | None:
        """Queries (heads, T, d) and keys (kv heads, K, d), float64; None where the report holds the
        attention alone. `groups` are the heads that stand first in their groups."""
        codes = [head.codes for head in self.heads]
        if any(of_head is None for of_head in codes):
            return None
        both = [of_head.vectors() for of_head in codes if of_head is not None]
        queries = np.concatenate([q for q, _ in both])
        return queries, np.concatenate([both[first][1] for first in self.groups])

    def on_map(self, queries: Array, keys: Array) -> DocumentRows:
        """Its rows as maps are measured by them; `queries` (T,) and `keys` (K,) are the places of
        its tokens on the map, −1 for none."""
        return DocumentRows(
            document=self.document,
            queries=queries,
            keys=keys,
            attention=self.attention,
            allowed=lambda rows: self.intervals.rows(rows).allowed(),
            score=self.scores,
        )


class StoredLayer:
    """The heads of one layer of a stack. Its documents are read one at a time."""

    def __init__(self, store: ShardStore, model: Model, heads: Sequence[Head]) -> None:
        self._store, self._stored = store, StoredAttention(store)
        self.model, self.heads = model, heads
        self.stack: Stack = stack_of(model, heads[0])
        kv_heads = [head.kv_head for head in heads]
        self._groups = [kv_heads.index(number) for number in dict.fromkeys(kv_heads)]

    @property
    def cross(self) -> bool:
        """Whether queries and keys are of different sequences."""
        return self.stack.query_axis != self.stack.key_axis

    @property
    def lengths(self) -> tuple[Array, Array]:
        """Queries and keys of every document, (documents,) each."""
        axes = self.stack.query_axis, self.stack.key_axis
        queries, keys = (self._store.lengths(axis_of(self.model, axis)) for axis in axes)
        return queries, keys

    @property
    def numbers(self) -> list[int]:
        """The documents that the model takes and whose attention is stored."""
        queries, keys = self.lengths
        kept = self._store.kept(self.model)
        numbers = np.flatnonzero((queries > 0) & (keys > 0)).tolist()
        return [number for number in numbers if kept is None or number in kept]

    def document(self, number: int) -> StoredDocument:
        """One document."""
        intervals = self._stored.intervals(self.model, self.heads[0], number)
        opened = [self._stored.open(self.model, head, number, intervals) for head in self.heads]
        return StoredDocument(number, intervals, opened, self._groups, self._values(number))

    def _values(self, number: int) -> Array | None:
        """The lengths of a document's values, (kv heads, K)."""
        if self.lengths_error is None:
            return None
        firsts = [self.heads[first] for first in self._groups]
        return np.stack([value_lengths(self._store, self.model, head, number) for head in firsts])

    @property
    def lengths_error(self) -> float | None:
        """The largest error of a length of a value, as a share of it; None where the report has no
        lengths."""
        entry = lengths_entry(self.model, self.heads[0])
        return None if entry is None else entry.error

    def documents(self) -> Iterator[StoredDocument]:
        """All that the model takes, in corpus order."""
        return (self.document(number) for number in self.numbers)

    def place(self, head: Head) -> str:
        """A head's name in messages."""
        return f"{self.model.name} {self.model.head_id(head)}"


def layers_of(store: ShardStore, model: Model) -> Iterator[StoredLayer]:
    """The layers of a model, in the order of its heads."""
    for stack, layer in dict.fromkeys((head.stack, head.layer) for head in model.heads):
        heads = [head for head in model.heads if (head.stack, head.layer) == (stack, layer)]
        yield StoredLayer(store, model, heads)
