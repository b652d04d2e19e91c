"""Which encodings a model's attention is stored in: measured batch by batch, chosen by group of
documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.documents import Groups
from attnviz.encoding import EncodingChoice, Errors
from attnviz.engine.engine import Engine
from attnviz.writer.batch_encodings import measure_errors, measure_sizes
from attnviz.writer.encoding_choice import begin_choice, encodings_of, end_choice


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
    """Encodings by layer, document group and kv head, and the groups of each batch."""

    encodings: list[list[list[str]]]
    batches: list[BatchGroups]

    def of_batch(self, batch: BatchGroups) -> list[list[list[str]]]:
        """Those of the groups of a batch."""
        return [[of_layer[number] for number in batch.numbers] for of_layer in self.encodings]


def choose_encodings(
    corpus: ModelCorpus,
    captured: Capture,
    groups: Groups,
    kept: frozenset[int] | None,
    bounds: tuple[float, float],
    engine: Engine,
) -> ChosenEncodings:
    """The encoding of each layer's groups and kv heads; the first that fits for groups without
    tokens.

    The cheapest encoding of each group is measured on its documents, then the next of those groups
    that have still to choose, of all groups together. Raises InputError if nothing is within the
    bounds of total variation and of the largest error.
    """
    batches = [BatchGroups.of(batch.batch.documents, groups, kept) for batch in captured.batches]
    search = _Search(corpus.name, captured, batches, engine)
    costs = search.costs(groups)
    choices = [
        [begin_choice(of_group, layer.kv_heads, bounds) for of_group in of_layer]
        for layer, of_layer in zip(captured.layers, costs, strict=True)
    ]
    while any(choice.encoding for of_layer in choices for choice in of_layer):
        search.try_next(choices)
    encodings = []
    for layer, of_layer in zip(captured.layers, choices, strict=True):
        name = f"model {corpus.name}, {layer.stack} layer {layer.layer}"
        encodings.append([end_choice(layer, choice, bounds, name) for choice in of_layer])
    return ChosenEncodings(encodings, batches)


@dataclass(frozen=True)
class _Search:
    """Measures encodings on batches, each with its groups."""

    model: str
    captured: Capture
    batches: Sequence[BatchGroups]
    engine: Engine

    def costs(self, groups: Groups) -> list[list[dict[str, int]]]:
        """The bytes of each encoding that a group can have, by layer and group."""
        costs = [
            [
                dict.fromkeys(encodings_of(layer, group in groups.with_vectors), 0)
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
            for of_layer, measured in zip(costs, piece.value, strict=True):
                for group, of_group in zip(batch.numbers, measured, strict=True):
                    for encoding in of_layer[group]:
                        of_layer[group][encoding] += of_group[encoding]
        return costs

    def try_next(self, choices: Sequence[Sequence[EncodingChoice]]) -> None:
        """The next encoding of each group that has still to choose, measured on its documents."""
        errors = [
            [Errors.none(layer.heads) for _ in of_layer]
            for layer, of_layer in zip(self.captured.layers, choices, strict=True)
        ]
        calls, members = [], []
        for alone, batch in zip(self.captured.alone, self.batches, strict=True):
            tried = [[of_layer[group].encoding for group in batch.numbers] for of_layer in choices]
            if any(encoding for of_layer in tried for encoding in of_layer):
                calls.append(measure_errors.of(alone, batch.groups, tried))
                members.append(batch)
        sizes = [float(len(batch.groups)) for batch in members]
        pieces = self.engine.each(f"try encodings of {self.model}", calls, sizes)
        for piece, batch in zip(pieces, members, strict=True):
            for of_layer, measured in zip(errors, piece.value, strict=True):
                for group, sums in zip(batch.numbers, measured, strict=True):
                    if sums is not None:
                        of_layer[group].merge(sums.errors())
        self._take(choices, errors)

    def _take(
        self, choices: Sequence[Sequence[EncodingChoice]], errors: Sequence[Sequence[Errors]]
    ) -> None:
        """Say the figures of what was tried to each choice that is not made."""
        for layer, of_layer, measured in zip(self.captured.layers, choices, errors, strict=True):
            for choice, sums in zip(of_layer, measured, strict=True):
                if choice.encoding:
                    choice.take(*sums.by_group(layer.group))
