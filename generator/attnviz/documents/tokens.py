"""The tokens or patches that a model makes of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from attnviz.score import Array


@dataclass(frozen=True)
class Tokens:
    """The tokens or patches of one document on one axis, each array of length T.

    ids int32 (−1 for a patch); start and end int32, offsets in the document's text (−1 for none);
    special bool; segment uint8, 1 for the second text of a pair and for a completion; row and
    column int16, a patch's place in its grid (−1 for what is no patch). `labels` are the document's
    own, by name: a text or None for each token.
    """

    ids: Array
    texts: tuple[str, ...]
    start: Array
    end: Array
    special: Array
    segment: Array
    row: Array
    column: Array
    labels: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)

    @classmethod
    def of_text(
        cls, ids: Array, texts: Sequence[str], spans: Array, special: Array, segment: Array
    ) -> Tokens:
        """Tokens of a text, which have no place in a grid. `spans` is (T, 2)."""
        nowhere = np.full(len(ids), -1, np.int16)
        return cls(
            ids=ids.astype(np.int32),
            texts=tuple(texts),
            start=spans[:, 0].astype(np.int32),
            end=spans[:, 1].astype(np.int32),
            special=special.astype(bool),
            segment=segment.astype(np.uint8),
            row=nowhere,
            column=nowhere,
        )

    @classmethod
    def of_places(cls, texts: Sequence[str], row: Array, column: Array, special: Array) -> Tokens:
        """Tokens of no text, each with its place in a grid, −1 for none."""
        none = np.full(len(texts), -1, np.int32)
        return cls(
            ids=none,
            texts=tuple(texts),
            start=none,
            end=none,
            special=special,
            segment=np.zeros(len(texts), np.uint8),
            row=row.astype(np.int16),
            column=column.astype(np.int16),
        )

    @classmethod
    def of_grid(
        cls, special: Sequence[str], rows: int, columns: int, after: Sequence[str] = ()
    ) -> Tokens:
        """Special tokens, then the patches of a grid row by row, then further special tokens."""
        first, count = len(special), len(special) + rows * columns + len(after)
        patches = slice(first, first + rows * columns)
        row, column = (np.full(count, -1, np.int16) for _ in range(2))
        row[patches], column[patches] = (g.ravel() for g in np.indices((rows, columns)))
        names = [*special, *(f"{r},{c}" for r in range(rows) for c in range(columns)), *after]
        return cls.of_places(names, row, column, special=row < 0)

    @property
    def spans(self) -> Array:
        """(T, 2): start and end."""
        return np.stack([self.start, self.end], 1)

    def __len__(self) -> int:
        return len(self.ids)

    def __add__(self, other: Tokens) -> Tokens:
        """The tokens of both, one after the other, without labels."""
        both = ((name, getattr(self, name), getattr(other, name)) for name in _ARRAYS)
        arrays: dict[str, Any] = {
            name: np.concatenate([first, second]) for name, first, second in both
        }
        return Tokens(texts=self.texts + other.texts, **arrays)

    def __getitem__(self, selection: Any) -> Tokens:
        """Some of the tokens: a slice or an index array."""
        texts = tuple(np.array(self.texts, object)[selection].tolist())
        arrays: dict[str, Any] = {name: getattr(self, name)[selection] for name in _ARRAYS}
        labels = {
            name: tuple(np.array(values, object)[selection].tolist())
            for name, values in self.labels.items()
        }
        return Tokens(texts=texts, labels=labels, **arrays)


_ARRAYS: Final = ("ids", "start", "end", "special", "segment", "row", "column")
