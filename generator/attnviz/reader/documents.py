"""Documents as the Python API gives them: a text, a picture, and the tokens of every axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import overload

from attnviz.score import Array


@dataclass(frozen=True)
class AxisTokens:
    """The tokens or patches of a document on one axis: texts, and arrays of length T; see the
    report format.

    `crop` is the part of the picture that the patches show, where it is not all of it: left, top,
    right and bottom as shares of its width and height.
    """

    texts: tuple[str, ...]
    ids: Array
    start: Array
    end: Array
    special: Array
    segment: Array
    row: Array
    column: Array
    labels: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    crop: tuple[float, float, float, float] | None = None

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class Document:
    """One document of a report, with its axes by the model that was asked for.

    `axes` are the tokens by axis (`text`; `source` and `target`; `image`), `labels` the corpus's
    labels by name, a text or None; an axis's `labels` have one for each token. `tokens`,
    `token_ids`, `start`, `end` and `special` are those of the first of them.
    """

    index: int
    entry: int
    group: int
    title: str
    text: str
    axes: dict[str, AxisTokens]
    labels: dict[str, str | None] = field(default_factory=dict)

    @property
    def _first(self) -> AxisTokens:
        return next(iter(self.axes.values()))

    @property
    def tokens(self) -> tuple[str, ...]:
        return self._first.texts

    @property
    def token_ids(self) -> Array:
        return self._first.ids

    @property
    def start(self) -> Array:
        return self._first.start

    @property
    def end(self) -> Array:
        return self._first.end

    @property
    def special(self) -> Array:
        return self._first.special

    def __len__(self) -> int:
        return len(self.tokens)


class Documents(Sequence[Document]):
    """The documents in corpus order, read as they are asked for."""

    def __init__(self, count: int, read: Callable[[int], Document]) -> None:
        self._count, self._read = count, read

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> Document: ...
    @overload
    def __getitem__(self, index: slice) -> list[Document]: ...
    def __getitem__(self, index: int | slice) -> Document | list[Document]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._read(range(len(self))[index])

    def __iter__(self) -> Iterator[Document]:
        return (self[i] for i in range(len(self)))
