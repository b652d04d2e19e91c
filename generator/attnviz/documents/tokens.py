"""The tokens or patches that a model makes of a document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np

from attnviz.documents.token_names import place_tokens
from attnviz.score import Array

TEXT_AXIS: Final = "text"
"""The kind of an axis whose tokens are pieces of texts."""


@dataclass(frozen=True)
class Tokens:
    """The tokens or patches of one document on one axis, each array of length T.

    ids int32 (−1 for a patch); start and end int32, offsets in the document's text (−1 for none);
    special bool; segment uint8, 1 for the second text of a pair and for a completion; row and
    column int16, a patch's place in its grid (−1 for what is no patch). `texts` are the
    vocabulary's pieces, `characters` those of the text that each stands for, whole ones also where
    it is a part of one, and `names` what to call tokens that are not named by their characters,
    such as `🙂 2/4`, else None. `labels` are the document's own, by name: a text or None for each
    token.
    """

    ids: Array
    texts: tuple[str, ...]
    start: Array
    end: Array
    special: Array
    segment: Array
    row: Array
    column: Array
    characters: tuple[str, ...]
    names: tuple[str | None, ...]
    labels: Mapping[str, tuple[str | None, ...]] = field(default_factory=dict)

    @classmethod
    def of_text(
        cls,
        ids: Array,
        texts: Sequence[str],
        spans: Array,
        special: Array,
        segment: Array,
        document: str = "",
    ) -> Tokens:
        """Tokens of a text, which have no place in a grid. `spans` (T, 2) are the characters of
        `document` that they stand for, as the tokenizer says."""
        nowhere = np.full(len(ids), -1, np.int16)
        spans, names = place_tokens(document, texts, spans, special.astype(bool))
        places = spans.tolist()
        return cls(
            ids=ids.astype(np.int32),
            texts=tuple(texts),
            start=spans[:, 0].astype(np.int32),
            end=spans[:, 1].astype(np.int32),
            special=special.astype(bool),
            segment=segment.astype(np.uint8),
            row=nowhere,
            column=nowhere,
            characters=tuple(document[a:b] if a >= 0 else "" for a, b in places),
            names=names,
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
            characters=("",) * len(texts),
            names=(None,) * len(texts),
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
        columns: dict[str, Any] = {
            name: np.concatenate([first, second]) for name, first, second in both
        }
        columns |= {name: getattr(self, name) + getattr(other, name) for name in _TUPLES}
        return Tokens(**columns)

    def __getitem__(self, selection: Any) -> Tokens:
        """Some of the tokens: a slice or an index array."""

        def select(values: Sequence[str | None]) -> tuple[Any, ...]:
            return tuple(np.array(values, object)[selection].tolist())

        columns: dict[str, Any] = {name: getattr(self, name)[selection] for name in _ARRAYS}
        columns |= {name: select(getattr(self, name)) for name in _TUPLES}
        labels = {name: select(values) for name, values in self.labels.items()}
        return Tokens(labels=labels, **columns)


_ARRAYS: Final = ("ids", "start", "end", "special", "segment", "row", "column")
_TUPLES: Final = ("texts", "characters", "names")
