"""What every stage of one model works on, and how finished shards are remembered."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

from attnviz.config import Config, ModelSpec
from attnviz.documents import Tokens
from attnviz.engine.cache import Cache
from attnviz.engine.progress import Progress
from attnviz.format.manifest import AxisKind, Shard
from attnviz.format.shards import ShardFolder
from attnviz.maps import sample_documents
from attnviz.modalities import Crop, Family, ModelInput
from attnviz.models import LoadedModel
from attnviz.score import Array


@dataclass(frozen=True)
class AxisTokens:
    """An axis of the whole corpus: each document's tokens (none where a model does not take it) and
    the map sample.

    `crops` are the parts of the documents' pictures that the patches of an axis show, None
    for all; `places` (T,) are its tokens' places in their windows, where they attend within
    windows.
    """

    name: str
    kind: AxisKind
    documents: tuple[Tokens | None, ...]
    sample: Array
    crops: tuple[Crop | None, ...]
    places: Array | None

    @cached_property
    def lengths(self) -> Array:
        """(documents,) int64."""
        return np.array(
            [0 if tokens is None else len(tokens) for tokens in self.documents], np.int64
        )

    def place(self) -> Array:
        """For each token in corpus order its place in the sample, −1 where it is not sampled."""
        place = np.full(int(self.lengths.sum()), -1)
        place[self.sample] = np.arange(len(self.sample))
        return place


@dataclass(frozen=True)
class Work:
    """One model's way through the stages."""

    loaded: LoadedModel
    family: Family
    prepared: Sequence[ModelInput | None]
    groups: Array
    config: Config
    cache: Cache
    progress: Progress

    @property
    def name(self) -> str:
        return self.loaded.name

    @property
    def spec(self) -> ModelSpec:
        """What the corpus says of this model."""
        return next(spec for spec in self.config.models if spec.name == self.name)

    @cached_property
    def axes(self) -> dict[str, AxisTokens]:
        """The axes that any document has, by name."""
        found = {}
        for name, axis in self.family.axes.items():
            tokens = tuple(None if own is None else own.axes.get(name) for own in self.prepared)
            lengths = np.array([0 if t is None else len(t) for t in tokens])
            if lengths.any():
                sample = sample_documents(lengths, self.config.maps.points, self.config.seed)
                windows = self.family.windows.get(name)
                crops = tuple(
                    None if own is None or not _has_patches(own, name) else own.crop
                    for own in self.prepared
                )
                found[name] = AxisTokens(
                    name, axis.kind, tokens, sample, crops, windows.index if windows else None
                )
        return found


def _has_patches(own: ModelInput, axis: str) -> bool:
    return axis in own.axes and bool((own.axes[axis].row >= 0).any())


@dataclass(frozen=True)
class Shards:
    """Finished shards: the folder that holds them and their manifest entries by id."""

    folder: Path
    entries: dict[str, Shard]


def keep_shards(
    cache: Cache, stage: str, key: str, write: Callable[[ShardFolder], Any]
) -> tuple[Shards, Any]:
    """Shards written once by `write(ShardFolder)`, with the JSON value it returns."""

    def make(folder: Path) -> None:
        own = ShardFolder(folder)
        value = write(own)
        entries = {
            name: shard.model_dump(mode="json", exclude_none=True)
            for name, shard in own.shards.items()
        }
        (folder / "shards.json").write_text(
            json.dumps({"shards": entries, "value": value}), "utf-8"
        )

    folder = cache.folder(stage, key, make)
    kept = json.loads((folder / "shards.json").read_text("utf-8"))
    return (
        Shards(
            folder, {name: Shard.model_validate(entry) for name, entry in kept["shards"].items()}
        ),
        kept["value"],
    )
