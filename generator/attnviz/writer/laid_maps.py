"""A corpus as a model's maps show it, and what a build leaves of it for the next."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.engine.engine import Engine
from attnviz.score import Array


@dataclass(frozen=True)
class Laid:
    """Each document's content, "" of one that the model does not take; by axis, their lengths and
    the tokens on maps, in order; and the pieces of the cache with the maps, and with what was
    measured of them, by layer."""

    documents: list[str]
    lengths: dict[str, list[int]]
    samples: dict[str, list[int]]
    pieces: dict[str, str]
    measured: dict[str, str]

    @classmethod
    def of(cls, corpus: ModelCorpus, samples: Mapping[str, Array], engine: Engine) -> Laid:
        """A corpus whose maps show these tokens, by axis."""
        times = Counter[str]()
        documents = []
        for document in corpus.inputs:
            content = "" if document is None else engine.digest(document)
            # Of documents that say the same, each has its own points.
            documents.append(f"{content}-{times[content]}" if content else "")
            times[content] += 1
        lengths = {name: axis.lengths.tolist() for name, axis in corpus.axes.items()}
        return cls(documents, lengths, {name: s.tolist() for name, s in samples.items()}, {}, {})

    def shows_same(self, other: Laid) -> bool:
        """Whether maps of both show the same tokens of the same documents."""
        mine, theirs = ((s.documents, s.lengths, s.samples) for s in (self, other))
        return mine == theirs

    def points(self, axis: str) -> tuple[Array, Array]:
        """Of each point of an axis its document and its token there, (points,) int64 each."""
        ends = np.cumsum(self.lengths[axis])
        tokens = np.array(self.samples[axis], np.int64)
        documents = np.searchsorted(ends, tokens, side="right")
        return documents, tokens - (ends - self.lengths[axis])[documents]

    def shown(self) -> set[str]:
        """The documents that have points, by content."""
        numbers = {n for axis in self.samples for n in np.unique(self.points(axis)[0]).tolist()}
        return {self.documents[number] for number in numbers}

    def count(self, documents: set[str] | None = None) -> int:
        """Points on all axes, or those of these documents."""
        if documents is None:
            return sum(map(len, self.samples.values()))
        among = np.array([document in documents for document in self.documents], bool)
        return sum(int(among[self.points(axis)[0]].sum()) for axis in self.samples)

    def places_in(self, other: Laid, axis: str) -> Array:
        """The number that each point of an axis has among those of another corpus, −1 for none."""
        if axis not in other.samples:
            return np.full(len(self.samples[axis]), -1)
        numbers = {document: n for n, document in enumerate(other.documents) if document}
        there = np.array([numbers.get(document, -1) for document in self.documents], np.int64)
        places = {pair: n for n, pair in enumerate(_pairs(*other.points(axis)))}
        documents, tokens = self.points(axis)
        return np.array([places.get(pair, -1) for pair in _pairs(there[documents], tokens)])


def _pairs(documents: Array, tokens: Array) -> Sequence[tuple[int, int]]:
    return list(zip(documents.tolist(), tokens.tolist(), strict=True))


@dataclass(frozen=True)
class LastMaps:
    """What a build leaves: its corpus, the one that its own maps started from, the documents, by
    content, that were placed on a map that stood, and how many points were fitted together."""

    laid: Laid
    before: Laid | None
    placed: list[str]
    fitted: int
