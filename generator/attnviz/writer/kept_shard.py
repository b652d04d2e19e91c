"""The list of the documents whose attention is stored, as a step of the build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attnviz.engine.step import folder_step
from attnviz.format.manifest import Shard
from attnviz.format.model import Kept
from attnviz.format.shards import ShardFolder

KIND: Final = "kept"
"""The kind of the shard that lists them, and of the notice that says which they are."""


@dataclass(frozen=True)
class KeptShard:
    """The manifest's entry, and the shard by id."""

    entry: Kept
    shards: dict[str, Shard]


@folder_step("kept documents")
def write_kept(into: Path, model: str, documents: Sequence[int]) -> KeptShard:
    """The numbers of the documents whose attention is stored, ascending."""
    shards = ShardFolder(into)
    name = shards.add(f"kept-{model}", KIND, {"document": list(documents)}, model=model)
    return KeptShard(Kept(shard=name, documents=len(documents)), shards.shards)
