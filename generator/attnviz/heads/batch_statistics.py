"""What the heads of all layers do on one batch, as sums that are put together with those of other
batches: a step of the build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import save_file

from attnviz.capture.captured_layer import CapturedLayer, captured_layers
from attnviz.capture.result import Capture, LayerDocument
from attnviz.documents.tokens import Tokens
from attnviz.engine.step import folder_step
from attnviz.format.model import RestingKind
from attnviz.format.pair_tests import PairTest
from attnviz.heads.bands import head_numbers
from attnviz.heads.label_tests import pair_masks
from attnviz.heads.pairs import Types
from attnviz.heads.resting_stacks import resting_kinds
from attnviz.heads.statistic import Block
from attnviz.heads.statistics import HeadStatistics
from attnviz.heads.traits import Traits, traits_of
from attnviz.score import Array

_ENTRIES: Final = 1 << 18
"""Of a block: all that is computed of them stays near the processor."""


@dataclass(frozen=True)
class BatchAxis:
    """An axis of a batch: its documents' tokens, in the order of the batch; the ids of the types
    that are told apart, ascending; and whether places in its grid are places of what is seen or
    heard, not of the report's picture alone."""

    tokens: tuple[Tokens, ...]
    types: Array
    grid_is_of_input: bool


def file_of(layer: int) -> str:
    """The name of the file of a layer's sums."""
    return f"layer-{layer}.safetensors"


@folder_step("statistics of a batch")
def measure_batch(
    into: Path,
    captured: Capture,
    axes: Mapping[str, BatchAxis],
    separator: int | None,
    contents: tuple[int, ...],
    seed: int,
    tests: tuple[PairTest, ...],
    labels: tuple[Mapping[str, str], ...],
) -> int:
    """What the heads of all layers do on the one batch that was `captured`, whose documents are
    numbered in its order; a file for each layer that they reach. Returns how many these are.

    `separator` is the id of the token between segments; `contents` are numbers that follow from
    what the documents hold, by which with the `seed` examples are drawn; `tests` are labels', and
    `labels` the documents' own that tests ask for, by column.
    """
    reached = 0
    traits = _Traits(axes, separator, resting_kinds(captured, separator), tests, labels)
    for number, layer in enumerate(captured_layers(captured)):
        if layer.layer.number_in(captured.batches[0]) is not None:
            # No name holds a layer's sums while the next ones, as large, are made.
            _save(_measure(layer, traits, contents, seed), into / file_of(number))
            reached += 1
    return reached


def _save(sums: HeadStatistics, file: Path) -> None:
    save_file({name: np.asarray(a, order="C") for name, a in sums.state().items()}, file)


def _measure(
    layer: CapturedLayer, traits: _Traits, contents: Sequence[int], seed: int
) -> HeadStatistics:
    about = layer.layer
    numbers = head_numbers(seed, about.stack, about.layer, about.numbers)
    types = traits.types(layer)
    collected = HeadStatistics(about.heads, about.sinks is not None, types, numbers, traits.tests)
    for document in layer.documents():
        if about.vectors:
            collected.add_vectors(document.q, document.k)
        if document.values is not None:
            collected.add_values(document.values)
        content = contents[document.document]
        for block in _blocks(document, traits.of(layer, document), about.cross, content):
            collected.add(block)
    return collected


@dataclass(frozen=True)
class _Traits:
    """The traits of a batch's documents, made once for all layers on the same axes."""

    axes: Mapping[str, BatchAxis]
    separator: int | None
    resting: Mapping[str, tuple[RestingKind, ...]]
    tests: tuple[PairTest, ...]
    labels: tuple[Mapping[str, str], ...]
    _known: dict[tuple[str, int], Traits] = field(default_factory=dict)

    def types(self, layer: CapturedLayer) -> tuple[Types, Types]:
        """Of queries and keys, without their texts."""
        about = layer.layer
        queries, keys = self.axes[about.query_axis], self.axes[about.key_axis]
        return Types(queries.types, ()), Types(keys.types, ())

    def of(self, layer: CapturedLayer, document: LayerDocument) -> Traits:
        about, number = layer.layer, document.document
        place = about.stack, number
        if place not in self._known:
            query = self.axes[about.query_axis].tokens[number]
            axis = self.axes[about.key_axis]
            of_queries, of_keys = self.types(layer)
            numbers = of_queries.of(query.ids), of_keys.of(axis.tokens[number].ids)
            keys, cross = document.intervals.keys, about.cross
            traits = traits_of(
                axis.tokens[number], keys, self.separator, cross, numbers,
                resting=self.resting[about.stack], queries=query,
            )  # fmt: skip
            masks = pair_masks(
                self.tests, query, axis.tokens[number], self.separator, cross, self.labels[number]
            )
            traits = replace(traits, tests=masks)
            if not axis.grid_is_of_input:
                traits = replace(traits, row=None, column=None)
            self._known[place] = traits
        return self._known[place]


def _blocks(document: LayerDocument, traits: Traits, cross: bool, content: int) -> Iterator[Block]:
    """A document's attention, a block of rows at a time."""
    number, values = document.document, document.values
    for intervals, attention in document.blocks(_ENTRIES):
        yield Block(number, attention, intervals, traits, cross, values, content)
