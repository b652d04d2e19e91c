"""The stored attention of one batch measured against the model's own, as a step of the build."""

from __future__ import annotations

from collections.abc import Sequence
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
from attnviz.writer.certificates import Stored, by_eager, measure_by_capture, measure_by_eager


@dataclass(frozen=True)
class StoredLayer:
    """A layer with its shards as readers will find them, and its encodings by document group
    (outer) and kv head (inner). `groups` (documents,) are the documents' groups."""

    captured: CapturedLayer
    folder: Path
    shards: dict[str, Shard]
    encodings: list[list[str]]
    groups: Array

    @cached_property
    def stored(self) -> Stored:
        """Its tables, opened once."""
        tables = [
            AttentionTable(shard.encoding or "", read_shard(self.folder, shard))
            for shard in self.shards.values()
        ]
        return Stored(self.captured.layer, self.captured.rule, tables, self.encodings, self.groups)


@dataclass(frozen=True)
class ErrorSums:
    """The running errors of one layer's heads, (heads,) each; see `encoding.Errors`."""

    total_variation: list[float]
    max_error: list[float]
    top1: list[float]
    rows: list[float]
    worst: list[float]

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
) -> list[ErrorSums]:
    """The errors of every layer's heads on one batch, in the order of the layers."""
    stored = {layer.captured.layer.call: layer.stored for layer in layers}
    if by_eager(loaded, batch):
        inputs = by_number(batch.batch, members)
        errors = measure_by_eager(loaded, family, batch, inputs, stored)
    else:
        errors = {
            layer.captured.layer.call: measure_by_capture(
                loaded, layer.captured.capture, batch, layer.stored
            )
            for layer in layers
        }
    return [ErrorSums.of(errors[layer.captured.layer.call]) for layer in layers]
