"""The stored attention of one batch measured against the model's own, as a step of the build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.capture.batch_capture import BatchInputs
from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.result import Capture
from attnviz.encoding import Errors
from attnviz.engine.step import step
from attnviz.format.manifest import Shard
from attnviz.format.shards import read_shard
from attnviz.modalities.family import Family
from attnviz.models.loaded import LoadedModel
from attnviz.reader.decode import AttentionTable
from attnviz.writer.alone import AloneReader, drawn_rows
from attnviz.writer.batch_encodings import ErrorSums
from attnviz.writer.certificates import (
    Stored,
    by_eager,
    is_exact,
    measure_by_capture,
    measure_by_eager,
)


@dataclass(frozen=True)
class StoredBatch:
    """One batch, `captured`, as it is stored: the folder of its shards, their entries by layer and
    id, and its encodings by layer, group and kv head. `groups` (documents,) are the documents'
    groups in the batch, None for those that are not stored."""

    captured: Capture
    folder: Path
    shards: Sequence[Mapping[str, Shard]]
    encodings: Sequence[Sequence[Sequence[str]]]
    groups: Sequence[int | None]

    def reached(self) -> tuple[dict[int, Capture], dict[int, Stored]]:
        """By the number of their call, the layers that its documents reach, each alone, and what is
        stored of them."""
        captures, stored = {}, {}
        for number, layer in enumerate(captured_layers(self.captured)):
            call = layer.layer.number_in(self.captured.batches[0])
            if call is not None:
                captures[call] = layer.capture
                stored[call] = self._stored(number)
        return captures, stored

    def _stored(self, number: int) -> Stored:
        layer = self.captured.layers[number]
        tables = [
            AttentionTable(shard.encoding or "", read_shard(self.folder, shard))
            for shard in self.shards[number].values()
        ]
        return Stored(
            layer, self.captured.rules[layer.rule], tables, self.encodings[number], self.groups
        )


@step("certificates")
def measure_batch(
    loaded: LoadedModel,
    family: Family,
    batch: StoredBatch,
    inputs: BatchInputs,
    bounds: tuple[float, float],
    seed: int,
) -> list[ErrorSums]:
    """The errors of every layer's heads on one batch, in the order of the layers; none of a layer
    that its documents do not reach.

    Some of its documents, drawn by `seed`, are read alone, and measured against that. Raises
    InputError if the batch's attention differs from it by more than the bounds on total variation
    and largest error.
    """
    [captured] = batch.captured.batches
    captures, stored = batch.reached()
    members, numbers = inputs.members, inputs.documents
    drawn = drawn_rows(captured.batch, seed)
    others = list(range(len(members)))
    if is_exact(loaded):
        others = [row for row in others if row not in drawn]
    if by_eager(loaded, captured):
        errors = measure_by_eager(loaded, family, captured, members, stored, others, numbers)
    else:
        errors = {
            call: measure_by_capture(loaded.name, captures[call], captured, layer, others, numbers)
            for call, layer in stored.items()
        }
    alone = AloneReader(loaded, family, captured, members, captures, stored, bounds, numbers)
    for row in drawn:
        for call, of_document in alone.errors(row).items():
            errors[call].merge(of_document)
    return _by_layer(batch.captured, errors)


@step("certificates without a model")
def measure_captured_batch(model: str, batch: StoredBatch, inputs: BatchInputs) -> list[ErrorSums]:
    """The same of a model that is not here: every document is measured against what was captured of
    it. `model` is its name in messages."""
    [captured] = batch.captured.batches
    captures, stored = batch.reached()
    places, numbers = range(len(inputs.documents)), inputs.documents
    errors = {
        call: measure_by_capture(model, captures[call], captured, layer, places, numbers)
        for call, layer in stored.items()
    }
    return _by_layer(batch.captured, errors)


def _by_layer(captured: Capture, errors: Mapping[int, Errors]) -> list[ErrorSums]:
    """The errors of each layer, from those by call; none of a layer that the batch does not
    reach."""
    numbers = (layer.number_in(captured.batches[0]) for layer in captured.layers)
    return [
        ErrorSums.of(Errors.none(layer.heads) if number is None else errors[number])
        for number, layer in zip(numbers, captured.layers, strict=True)
    ]
