"""Documents as the Python API gives them: a text, and the tokens of every axis."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, overload

from attnviz.format.columns import LABEL, NAME
from attnviz.format.manifest import AxisEntry, Model
from attnviz.reader.scores import read_scores, scores_of_tokens
from attnviz.reader.store import ShardStore
from attnviz.reader.unfit import naming
from attnviz.score import Array


@dataclass(frozen=True)
class AxisTokens:
    """The T tokens or patches of a document on one axis."""

    texts: tuple[str, ...]
    """Their texts, as the vocabulary has them; row and column, such as `2,5`, for patches."""
    ids: Array
    """Token ids, int32 (T,); -1 for patches."""
    start: Array
    """Where each begins in the document's text, int32 (T,), in characters; -1 where it stands for
    no text."""
    end: Array
    """Where each ends, as `start`."""
    special: Array
    """Whether it is a special token, bool (T,): added by the tokenizer, or written in the text,
    where it has a start."""
    segment: Array
    """1 for the second text of a pair and for a completion, else 0; uint8 (T,)."""
    row: Array
    """Row of a patch in its grid, int16 (T,); -1 for what is no patch."""
    column: Array
    """Column of a patch in its grid, int16 (T,); -1 for what is no patch."""
    labels: dict[str, tuple[str | None, ...]] = field(default_factory=dict)
    """The corpus's labels of parts of the text, by name: one for each token, or None."""
    crop: tuple[float, float, float, float] | None = None
    """Left, top, right and bottom of the part of the image that the patches show, as shares of its
    width and height; None where it is all of it."""
    scores: dict[str, Array] = field(default_factory=dict)
    """The scores that the document's text came with, by row: float64 (T,). A token has that of the
    first scored part of the text with which it shares a character, NaN where there is none, such as
    a special token that the tokenizer adds."""
    names: tuple[str, ...] = ()
    """What to call each: the characters of the text that it stands for; of a part of a character
    that with its bytes, such as `🙂 2/4`; of what stands nowhere in the text, its piece."""

    def __len__(self) -> int:
        return len(self.texts)


@dataclass(frozen=True)
class ReportDocument:
    """One document of a report, with its axes by the model that was asked for."""

    index: int
    """Its number in the corpus."""
    entry: int
    """The entry of the corpus that it comes from."""
    group: int
    """Its group of documents of one entry and like length, which share an encoding."""
    title: str
    """Its title; by default its first words."""
    text: str
    """What was read. The two texts of a pair or a translation have a line break between; what is
    seen or heard without a text has none."""
    axes: dict[str, AxisTokens]
    """Its tokens by axis: `text`; `source` and `target`; `image`, `video` or `audio`. An axis on
    which it has none is left out, such as that of images for a text."""
    labels: dict[str, str | None] = field(default_factory=dict)
    """The corpus's labels of whole documents, by name."""

    @property
    def _first(self) -> AxisTokens:
        return next(iter(self.axes.values()))

    @property
    def tokens(self) -> tuple[str, ...]:
        """The texts of the first axis's tokens."""
        return self._first.texts

    @property
    def names(self) -> tuple[str, ...]:
        """`names` of the first axis."""
        return self._first.names

    @property
    def token_ids(self) -> Array:
        """`ids` of the first axis."""
        return self._first.ids

    @property
    def start(self) -> Array:
        """`start` of the first axis."""
        return self._first.start

    @property
    def end(self) -> Array:
        """`end` of the first axis."""
        return self._first.end

    @property
    def special(self) -> Array:
        """`special` of the first axis."""
        return self._first.special

    @property
    def scores(self) -> dict[str, Array]:
        """`scores` of the first axis."""
        return self._first.scores

    def __len__(self) -> int:
        return len(self.tokens)


class ReportDocuments(Sequence[ReportDocument]):
    """The documents in corpus order, read as they are asked for: a sequence with a length, indices
    and slices."""

    def __init__(self, count: int, read: Callable[[int], ReportDocument]) -> None:
        self._count, self._read = count, read

    def __len__(self) -> int:
        return self._count

    @overload
    def __getitem__(self, index: int) -> ReportDocument: ...
    @overload
    def __getitem__(self, index: slice) -> list[ReportDocument]: ...
    def __getitem__(self, index: int | slice) -> ReportDocument | list[ReportDocument]:
        if isinstance(index, slice):
            return [self[i] for i in range(*index.indices(len(self)))]
        return self._read(range(len(self))[index])

    def __iter__(self) -> Iterator[ReportDocument]:
        return (self[i] for i in range(len(self)))


_TEXTS: Final = "text"
"""The kind of axes whose tokens are pieces of texts."""
_ARRAYS = {"ids": "id"} | {
    name: name for name in ("start", "end", "special", "segment", "row", "column")
}
"""Arrays of `AxisTokens`, and the columns that they are."""


def read_document(store: ShardStore, model: Model, number: int) -> ReportDocument:
    """A document with its tokens on all axes of a model."""
    manifest = store.manifest.documents

    def value(column: str) -> Any:
        with naming(store.manifest, manifest.shards):
            return store.column(manifest.shards, column)[number]

    text = str(value("text"))
    axes = {axis.name: read_tokens(store, axis, number, text) for axis in model.axes}
    return ReportDocument(
        index=number,
        entry=int(value("entry")),
        group=int(value("group")),
        title=str(value("title")),
        text=text,
        axes={name: tokens for name, tokens in axes.items() if tokens.texts} or axes,
        labels={name: value(LABEL + name) for name in manifest.labels},
    )


def read_tokens(store: ShardStore, axis: AxisEntry, document: int, text: str) -> AxisTokens:
    """The tokens of a document, whose text this is, on an axis; none if the model does not take
    it."""
    lengths = store.lengths(axis)
    shard, first = store.covering("tokens", axis.shards, document)
    rows = store.table(shard).slice(int(lengths[first:document].sum()), int(lengths[document]))
    with naming(store.manifest, [shard]):
        if len(rows) != lengths[document]:
            raise ValueError(f"{len(rows)} of {lengths[document]} tokens of document {document}")
        arrays: dict[str, Any] = {name: rows[column].to_numpy() for name, column in _ARRAYS.items()}
        texts = tuple(rows["text"].to_pylist())
        labels = {label: tuple(rows[LABEL + label].to_pylist()) for label in axis.labels}
        stored = rows[NAME].to_pylist() if NAME in rows.column_names else [None] * len(rows)
    places = zip(arrays["start"].tolist(), arrays["end"].tolist(), strict=True)
    slices = (text[start:end] if start >= 0 else "" for start, end in places)
    names = tuple(
        name or characters or piece
        for name, characters, piece in zip(stored, slices, texts, strict=True)
    )
    return AxisTokens(
        texts=texts,
        labels=labels,
        crop=_read_crop(store, axis, document),
        scores=_read_scores(store, axis, document, arrays["start"], arrays["end"]),
        names=names,
        **arrays,
    )


def _read_scores(
    store: ShardStore, axis: AxisEntry, document: int, start: Array, end: Array
) -> dict[str, Array]:
    if axis.kind != _TEXTS:
        return {}
    rows = read_scores(store, document)
    return {name: scores_of_tokens(start, end, row) for name, row in rows.items()}


def _read_crop(
    store: ShardStore, axis: AxisEntry, document: int
) -> tuple[float, float, float, float] | None:
    if axis.crops is None:
        return None
    rows = {row["document"]: row for row in store.table(axis.crops).to_pylist()}
    row = rows.get(document)
    return None if row is None else (row["left"], row["top"], row["right"], row["bottom"])
