"""The batch plan. It depends on the corpus alone, because another batch size changes the low bits
of a result; and a batch on the documents about it alone, so that a change of one document leaves
most batches as they were."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from attnviz.architectures.lengths import Lengths
from attnviz.capture.content_cuts import begins_batch, usual_tokens
from attnviz.modalities.model_input import SAMPLES, ModelInput

ANY: Final = Lengths()
"""Of a model that reads alike at all lengths."""


Axes = tuple[str, ...]
"""The names of the axes that documents have, in order. Documents on other axes may make other
calls, as texts beside images do."""


@dataclass(frozen=True)
class Batch:
    """Documents that run together: their indices in corpus order, their lengths by axis, and how
    many tokens each axis has, padding included."""

    documents: tuple[int, ...]
    lengths: Mapping[str, tuple[int, ...]]
    padded: Mapping[str, int]

    @property
    def axes(self) -> Axes:
        """The axes that its documents have, by name, in order."""
        return tuple(sorted(self.lengths))

    @property
    def tokens(self) -> int:
        """Tokens on all axes, padding left out."""
        return sum(sum(lengths) for lengths in self.lengths.values())

    def slices(self, axis: str) -> Sequence[slice]:
        """Each document's tokens among those of the batch on an axis, padding left out."""
        return self._slices[axis]

    @cached_property
    def _slices(self) -> dict[str, list[slice]]:
        """Cut once: they are asked for document by document."""
        return {axis: cut(lengths) for axis, lengths in self.lengths.items()}


def cut(lengths: Sequence[int]) -> list[slice]:
    """Stretches of these lengths, one after another.

    >>> cut([2, 3])
    [slice(0, 2, None), slice(2, 5, None)]
    """
    ends = np.cumsum(lengths).tolist()
    return [slice(end - length, end) for end, length in zip(ends, lengths, strict=True)]


def plan_batches(
    prepared: Sequence[ModelInput | None], batch_tokens: int, by_length: Lengths = ANY
) -> list[Batch]:
    """Batches of documents of similar length, with at most `batch_tokens` tokens each.

    Padding counts, and so does the longest axis alone. Documents that the model does not take are
    left out; one longer than `batch_tokens` is a batch by itself. A batch has only documents on the
    same axes whose arrays have the same shapes but for padding, and among whose lengths the model
    reads alike; those on most axes come first. Within a length documents are ordered, and batches
    are cut, by what the documents hold, whatever their numbers.
    """
    order = sorted(
        (-len(document.axes), axes_of(document), _Member.of(document, number), document)
        for number, document in enumerate(prepared)
        if document is not None
    )
    alike = defaultdict(list)
    for _, axes, member, document in order:
        lengths = {axis: len(tokens) for axis, tokens in document.axes.items()}
        alike[axes, by_length.alike(lengths), member.shapes].append(member)
    usual = usual_tokens(sum(member.length for _, _, member, _ in order), batch_tokens)
    groups: list[list[int]] = []
    for members in alike.values():
        groups += _within(members, batch_tokens, usual)
    return [make_batch(tuple(members), prepared, by_length) for members in groups]


class _Member(NamedTuple):
    """A document of the plan: its tokens on its longest axis, the shapes of its fixed arrays, its
    digest, its number."""

    length: int
    shapes: tuple[tuple[str, tuple[int, ...]], ...]
    digest: bytes
    number: int

    @classmethod
    def of(cls, document: ModelInput, number: int) -> _Member:
        """The document of this number."""
        return cls(_longest(document), fixed_shapes(document), document.digest, number)


def _within(ordered: Sequence[_Member], most: int, usual: int) -> list[list[int]]:
    """Documents in this order in groups of at most `most` tokens, `usual` of them on average."""
    groups: list[list[int]] = []
    lengths, digests = [m.length for m in ordered], [m.digest for m in ordered]
    for member, begins in zip(ordered, begins_batch(lengths, digests, usual), strict=True):
        if begins or (len(groups[-1]) + 1) * member.length > most:
            groups.append([])
        groups[-1].append(member.number)
    return groups


def make_batch(
    documents: tuple[int, ...], prepared: Sequence[ModelInput | None], by_length: Lengths = ANY
) -> Batch:
    """A batch of these documents; its axes are as long as their longest document, or as the model
    pads them."""
    members = members_of(documents, prepared)
    lengths = {
        axis: tuple(len(member.axes[axis]) for member in members) for axis in members[0].axes
    }
    padded = {axis: by_length.padded(axis, max(lengths[axis])) for axis in lengths}
    return Batch(documents, lengths, padded)


def members_of(documents: Sequence[int], prepared: Sequence[ModelInput | None]) -> list[ModelInput]:
    """The model input of these documents, without those that the model does not take."""
    members = (prepared[document] for document in documents)
    return [member for member in members if member is not None]


def axes_of(document: ModelInput) -> Axes:
    """The axes that a document has, by name, in order."""
    return tuple(sorted(document.axes))


def by_axes(prepared: Sequence[ModelInput | None]) -> list[list[ModelInput | None]]:
    """The documents, None in place of all that are on other axes, once for each set of axes; those
    on most axes first."""
    kinds = {axes_of(document) for document in prepared if document is not None}
    return [
        [
            document if document is not None and axes_of(document) == axes else None
            for document in prepared
        ]
        for axes in sorted(kinds, key=lambda axes: (-len(axes), axes))
    ]


def _longest(document: ModelInput) -> int:
    return max(len(tokens) for tokens in document.axes.values())


def fixed_shapes(document: ModelInput | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """Names and shapes of the arrays that padding cannot make equal: pixels, and audio samples,
    where padding would be silence that the model hears."""
    shapes = {} if document is None else document.shapes
    return tuple(
        (name, shape)
        for name, shape in sorted(shapes.items())
        if len(shape) != 1 or name == SAMPLES
    )
