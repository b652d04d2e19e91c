"""Rows of a document's attention, ranked once for all maps and spaces that are held against
them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from attnviz import geometry
from attnviz.maps.document_rows import DocumentRows
from attnviz.score import Array


class Positions(Protocol):
    """Where queries and keys of several heads lie, on maps or in spaces."""

    @property
    def heads(self) -> int:
        """How many heads they are of."""

    def queries_at(self, queries: Array) -> Array:
        """The positions of these queries, (heads, so many, dimensions)."""

    def keys_at(self, keys: Array) -> Array:
        """The positions of these keys, (heads, so many, dimensions)."""


@dataclass(frozen=True)
class KeyPlaces:
    """Where a document's keys lie, (heads, keys, dimensions), asked for once for all its rows;
    `squares` are ‖y‖² where distances are made of them."""

    positions: Array
    squares: Array | None

    @classmethod
    def of(cls, positions: Array) -> KeyPlaces:
        """Those at these positions."""
        return cls(positions, geometry.squares_of_keys(positions))

    def squared_distances(self, queries: Array) -> Array:
        """From queries (heads, rows, dimensions), (heads, rows, keys)."""
        return geometry.squared_distances(queries, self.positions, self.squares)


@dataclass(frozen=True)
class MeasuredRows:
    """Some rows of a document and the keys of it that are on maps: the queries' places there
    (rows,), attention (heads, rows, keys), which keys a row may see (rows, keys), and keys in the
    order of falling score, as `ranked_rows.in_order` has them."""

    queries: Array
    attention: Array
    allowed: Array
    by_score: Array

    @classmethod
    def of(cls, document: DocumentRows, rows: Array, keys: Array) -> MeasuredRows:
        """Rows that lie close together, over these keys of the document. Attention and scores are
        asked for once, in a block of consecutive rows, of which some are wanted."""
        from attnviz.maps.ranked_rows import in_order  # numba takes long to import

        block, at = slice(int(rows[0]), int(rows[-1]) + 1), rows - rows[0]
        allowed = _cut(document.allowed(block), at, keys)
        attention = _cut(document.attention(block), at, keys)
        by_score = in_order(_cut(document.score(block), at, keys), allowed, falling=True)
        return cls(document.queries[rows], attention, allowed, by_score)

    def at(self, chosen: Array) -> MeasuredRows:
        """Those of the rows that are chosen, (rows,) bool; nothing is copied where all are."""
        if chosen.all():
            return self
        return MeasuredRows(
            self.queries[chosen],
            self.attention[:, chosen],
            self.allowed[chosen],
            self.by_score[:, chosen],
        )

    def truths(self, positions: Positions, keys: KeyPlaces) -> Array:
        """Top-3 mass and rank of each row by the distance to these keys, (2, heads, rows); NaN
        where a row says nothing."""
        from attnviz.maps.ranked_rows import in_order, truths

        distances = keys.squared_distances(positions.queries_at(self.queries))
        by_distance = in_order(distances, self.allowed)
        return truths(by_distance, self.by_score, self.attention, self.allowed)


def _cut(block: Array, rows: Array, keys: Array) -> Array:
    """These rows and keys of a block (…, rows, keys), which is not copied if it has no others."""
    if len(rows) < block.shape[-2]:
        block = block[..., rows, :]
    return block if len(keys) == block.shape[-1] else block[..., keys]
