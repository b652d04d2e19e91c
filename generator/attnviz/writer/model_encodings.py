"""Which encodings a model's attention is stored in: measured batch by batch, chosen by group of
documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.capture.batch_work import batch_seconds
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.documents import Groups
from attnviz.encoding import PACKED, Errors
from attnviz.engine.engine import Engine
from attnviz.score import Array
from attnviz.writer.batch_encodings import Sizes, Trial, measure_errors, measure_sizes
from attnviz.writer.coding import Coding, CodingSearch
from attnviz.writer.encoding_choice import begin_search, encodings_of, end_search

OF_TOKEN: Final = 7e-6
OF_ENTRY: Final = 7e-9
"""Processor seconds of an encoding, tried or kept, by a token and by a query and key of a head."""


@dataclass(frozen=True)
class BatchGroups:
    """The groups of a batch's documents: `groups` (documents,) by number in the batch, None for
    those that are not stored; `numbers` are the groups' in the corpus."""

    groups: tuple[int | None, ...]
    numbers: tuple[int, ...]

    @classmethod
    def of(
        cls, documents: Sequence[int], groups: Groups, kept: frozenset[int] | None
    ) -> BatchGroups:
        """Groups are numbered in the order in which the batch has them."""
        members = [
            int(groups.member[document]) if kept is None or document in kept else None
            for document in documents
        ]
        numbers = tuple(dict.fromkeys(group for group in members if group is not None))
        place = {group: number for number, group in enumerate(numbers)}
        return cls(tuple(None if g is None else place[g] for g in members), numbers)


@dataclass(frozen=True)
class ChosenEncodings:
    """Codings by layer, document group and kv head, and the groups of each batch."""

    codings: list[list[list[Coding]]]
    batches: list[BatchGroups]

    @property
    def encodings(self) -> list[list[list[str]]]:
        """Their encodings, by layer, document group and kv head."""
        return _names(self.codings)

    def of_batch(self, batch: BatchGroups) -> list[list[list[Coding]]]:
        """Those of the groups of a batch."""
        return [[of_layer[number] for number in batch.numbers] for of_layer in self.codings]

    def encodings_of_batch(self, batch: BatchGroups) -> list[list[list[str]]]:
        """The encodings of the groups of a batch."""
        return _names(self.of_batch(batch))


def _names(codings: list[list[list[Coding]]]) -> list[list[list[str]]]:
    return [[[c.encoding for c in of_group] for of_group in of_layer] for of_layer in codings]


def choose_encodings(
    corpus: ModelCorpus,
    captured: Capture,
    groups: Groups,
    kept: frozenset[int] | None,
    bounds: tuple[float, float],
    engine: Engine,
) -> ChosenEncodings:
    """The coding of each layer's groups and kv heads; the first that fits for groups without
    tokens.

    The cheapest encoding of each group is measured on its documents, then the next of those groups
    that have still to choose, of all groups together: see `coding`. Raises InputError if nothing is
    within the bounds of total variation and of the largest error.
    """
    batches = [BatchGroups.of(batch.batch.documents, groups, kept) for batch in captured.batches]
    measuring = _Measuring(corpus.name, captured, batches, kept, engine)
    searches = [
        [begin_search(each.bytes, each.values, layer.kv_heads, bounds) for each in of_layer]
        for layer, of_layer in zip(captured.layers, measuring.sizes(groups), strict=True)
    ]
    while any(search.encoding for of_layer in searches for search in of_layer):
        measuring.try_next(searches)
    codings = []
    for layer, of_layer in zip(captured.layers, searches, strict=True):
        name = f"model {corpus.name}, {layer.stack} layer {layer.layer}"
        codings.append([end_search(layer, search, bounds, name) for search in of_layer])
    return ChosenEncodings(codings, batches)


@dataclass(frozen=True)
class _Measuring:
    """Measures encodings on batches, each with its groups."""

    model: str
    captured: Capture
    batches: Sequence[BatchGroups]
    kept: frozenset[int] | None
    engine: Engine

    def sizes(self, groups: Groups) -> list[list[Sizes]]:
        """What each encoding that a group can have takes, by layer and group."""
        totals = [
            [
                Sizes(dict.fromkeys(encodings_of(layer, group in groups.with_vectors), 0), 0)
                for group in range(len(groups.facts))
            ]
            for layer in self.captured.layers
        ]
        calls = [
            measure_sizes.of(alone, batch.groups)
            for alone, batch in zip(self.captured.alone, self.batches, strict=True)
        ]
        title, sizes = f"sizes of {self.model}", [1.0] * len(calls)
        pieces = self.engine.each(title, calls, sizes)
        for piece, batch in zip(pieces, self.batches, strict=True):
            for of_layer, measured in zip(totals, piece.value, strict=True):
                for group, of_group in zip(batch.numbers, measured, strict=True):
                    of_layer[group] = _added(of_layer[group], of_group)
        return totals

    def try_next(self, searches: Sequence[Sequence[CodingSearch]]) -> None:
        """The next encoding of each group that has still to choose, measured on its documents."""
        errors = [
            [Errors.none(layer.heads) for _ in of_layer]
            for layer, of_layer in zip(self.captured.layers, searches, strict=True)
        ]
        bits = [
            [np.zeros(layer.kv_heads) for _ in of_layer]
            for layer, of_layer in zip(self.captured.layers, searches, strict=True)
        ]
        in_all = batch_seconds(self.captured, OF_TOKEN, OF_ENTRY, self.kept)
        calls, members, seconds = [], [], []
        for alone, batch, expected in zip(self.captured.alone, self.batches, in_all, strict=True):
            trials = [[_trial(of_layer[group]) for group in batch.numbers] for of_layer in searches]
            if any(trial for of_layer in trials for trial in of_layer):
                calls.append(measure_errors.of(alone, batch.groups, trials))
                members.append(batch)
                seconds.append(expected)
        pieces = self.engine.fan_out(f"try encodings of {self.model}", calls, seconds)
        for piece, batch in zip(pieces, members, strict=True):
            for of_layer, in_bits, measured in zip(errors, bits, piece.value, strict=True):
                for group, tried in zip(batch.numbers, measured, strict=True):
                    if tried is not None:
                        of_layer[group].merge(tried.errors.errors())
                        in_bits[group] += tried.bits
        self._take(searches, errors, bits)

    def _take(
        self,
        searches: Sequence[Sequence[CodingSearch]],
        errors: Sequence[Sequence[Errors]],
        bits: Sequence[Sequence[Array]],
    ) -> None:
        """Say the figures of what was tried to each search that has not ended."""
        layers = zip(self.captured.layers, searches, errors, bits, strict=True)
        for layer, of_layer, measured, in_bits in layers:
            for search, sums, of_group in zip(of_layer, measured, in_bits, strict=True):
                if search.encoding:
                    search.take(*sums.by_group(layer.group), of_group)


def _added(total: Sizes, more: Sizes) -> Sizes:
    """The sizes of both, in the encodings of the first."""
    sums = {name: size + more.bytes[name] for name, size in total.bytes.items()}
    return Sizes(sums, total.values + more.values)


def _trial(search: CodingSearch) -> Trial | None:
    """What a search wants tried next."""
    if search.encoding is None:
        return None
    return Trial(search.encoding, tuple(search.noise) if search.encoding == PACKED else ())
