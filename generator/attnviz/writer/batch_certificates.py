"""The stored attention of one batch measured against the model's own, as a step of the build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from attnviz.capture.axes import by_number
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.captured_layer import CapturedLayer
from attnviz.encoding import Errors
from attnviz.engine.step import step
from attnviz.format.manifest import Shard
from attnviz.format.shards import read_shard
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.reader.decode import AttentionTable
from attnviz.score import Array
from attnviz.writer.alone import AloneReader, drawn_rows
from attnviz.writer.certificates import (
    Stored,
    by_eager,
    is_exact,
    measure_by_capture,
    measure_by_eager,
)


@dataclass(frozen=True)
class StoredLayer:
    """A layer with its shards as readers will find them, and its encodings by document group
    (outer) and kv head (inner). `groups` (documents,) are the documents' groups, `kept` those that
    are stored, None for all."""

    captured: CapturedLayer
    folder: Path
    shards: dict[str, Shard]
    encodings: list[list[str]]
    groups: Array
    kept: frozenset[int] | None = None

    @cached_property
    def stored(self) -> Stored:
        """Its tables, opened once."""
        tables = [
            AttentionTable(shard.encoding or "", read_shard(self.folder, shard))
            for shard in self.shards.values()
        ]
        return Stored(
            self.captured.layer,
            self.captured.rule,
            tables,
            self.encodings,
            self.groups,
            self.kept,
        )


@dataclass(frozen=True)
class ErrorSums:
    """The running errors of one layer's heads, (heads,) each; see `encoding.Errors`."""

    total_variation: list[float]
    max_error: list[float]
    top1: list[float]
    rows: list[float]
    worst: list[float]
    all_rows: list[float]
    variation_variance: list[float]
    top1_variance: list[float]
    worst_variance: list[float]

    @classmethod
    def of(cls, errors: Errors) -> ErrorSums:
        """The same as lists."""
        return cls(**{name: column.tolist() for name, column in asdict(errors).items()})

    def errors(self) -> Errors:
        """The same as arrays."""
        return Errors(**{name: np.array(column) for name, column in vars(self).items()})


@step("certificates")
def measure_batch(
    loaded: LoadedModel,
    family: Family,
    batch: CapturedBatch,
    members: Sequence[ModelInput],
    layers: Sequence[StoredLayer],
    bounds: tuple[float, float],
    seed: int,
) -> list[ErrorSums]:
    """The errors of every layer's heads on one batch, in the order of the layers; none of a layer
    that its documents do not reach.

    Some of its documents, drawn by `seed`, are read alone, and measured against that. Raises
    InputError if the batch's attention differs from it by more than the bounds on total variation
    and largest error.
    """
    reached = _reached(batch, layers)
    stored = {number: layer.stored for number, layer in reached.items()}
    captures = {number: layer.captured.capture for number, layer in reached.items()}
    drawn = drawn_rows(batch.batch, seed)
    others = list(range(len(members)))
    if is_exact(loaded):
        others = [row for row in others if row not in drawn]
    if by_eager(loaded, batch):
        inputs = by_number(batch.batch, members)
        errors = measure_by_eager(loaded, family, batch, inputs, stored, others)
    else:
        errors = {
            call: measure_by_capture(loaded.name, captures[call], batch, layer, others)
            for call, layer in stored.items()
        }
    alone = AloneReader(loaded, family, batch, members, captures, stored, bounds)
    for row in drawn:
        for call, of_document in alone.errors(row).items():
            errors[call].merge(of_document)
    return _by_layer(batch, layers, errors)


@step("certificates without a model")
def measure_captured_batch(
    model: str, batch: CapturedBatch, layers: Sequence[StoredLayer]
) -> list[ErrorSums]:
    """The same of a model that is not here: every document is measured against what was captured of
    it. `model` is its name in messages."""
    places = range(len(batch.batch.documents))
    errors = {
        call: measure_by_capture(model, layer.captured.capture, batch, layer.stored, places)
        for call, layer in _reached(batch, layers).items()
    }
    return _by_layer(batch, layers, errors)


def _reached(batch: CapturedBatch, layers: Sequence[StoredLayer]) -> dict[int, StoredLayer]:
    """The layers that a batch's documents reach, by the number of their call."""
    numbers = ((layer.captured.layer.number_in(batch), layer) for layer in layers)
    return {number: layer for number, layer in numbers if number is not None}


def _by_layer(
    batch: CapturedBatch, layers: Sequence[StoredLayer], errors: Mapping[int, Errors]
) -> list[ErrorSums]:
    """The errors of each layer, from those by call; none of a layer that the batch does not
    reach."""
    numbers = (layer.captured.layer.number_in(batch) for layer in layers)
    return [
        ErrorSums.of(Errors.none(layer.captured.layer.heads) if number is None else errors[number])
        for number, layer in zip(numbers, layers, strict=True)
    ]
