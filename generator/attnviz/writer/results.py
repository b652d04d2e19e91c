"""What a build has of a model when all of it is made: what the manifest is put together from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.capture.result import Capture, Layer
from attnviz.capture.selfcheck import SelfCheckResult
from attnviz.format.manifest import (
    AxisEntry,
    BiasTable,
    Certificate,
    Layout,
    MapStart,
    Shard,
    ValueLengths,
)
from attnviz.heads.declared_labels import DeclaredLabel
from attnviz.heads.facts import LayerFacts
from attnviz.maps.variants import MapVariant
from attnviz.writer.maps import LayerFigures


@dataclass(frozen=True)
class StoredShards:
    """Finished shards: the folder that holds them, and their manifest entries by id."""

    folder: Path
    entries: Mapping[str, Shard]


@dataclass(frozen=True)
class LayerResult:
    """One layer: how it was captured; the number of its bias among the model's; what is known of
    its heads; the encoding of each document group (outer) and kv head; its heads' certificates; the
    figures of their maps; and how long its values are, where that is known."""

    layer: Layer
    bias: int | None
    facts: LayerFacts
    encodings: Sequence[Sequence[str]]
    certificates: Sequence[Certificate]
    maps: LayerFigures
    values: ValueLengths | None


@dataclass(frozen=True)
class ModelResult:
    """One model: its layers, and what it has beside them. `masks` are the mask shards by rule, for
    masks of no simpler form; `declared` are the corpus's labels of heads; `map_start` is what
    attention maps started from."""

    captured: Capture
    checked: SelfCheckResult
    axes: Sequence[AxisEntry]
    masks: Mapping[int, list[str]]
    biases: Sequence[BiasTable]
    variants: Sequence[MapVariant]
    layers: Sequence[LayerResult]
    layouts: Sequence[Layout]
    declared: Sequence[DeclaredLabel]
    map_start: MapStart | None
