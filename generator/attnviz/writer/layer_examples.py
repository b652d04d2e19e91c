"""Pairs of a layer's heads by bands of attention, written, as a step of the build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attnviz.capture.result import Layer
from attnviz.engine.step import folder_step
from attnviz.format.manifest import Examples, Shard
from attnviz.format.shards import ShardFolder
from attnviz.heads.bands import DRAWN, LOWS, HeadBands


@folder_step("examples")
def write_examples(
    into: Path, layer: Layer, bands: Sequence[HeadBands], model: str
) -> dict[str, Shard]:
    """The shard of one layer by id; `bands` are those of its heads."""
    drawn = {
        name: [[pair[place] for pair in head.drawn] for head in bands]
        for place, name in enumerate(("band", "document", "query", "key", "weight"))
    }
    columns = {
        "head": list(layer.numbers),
        "pairs": [head.pairs for head in bands],
        "attention": [head.attention for head in bands],
    }
    shards = ShardFolder(into)
    shards.add(
        f"examples-{model}-{layer.stack}-L{layer.layer}",
        "examples",
        columns | drawn,
        model=model,
        stack=layer.stack,
        layer=layer.layer,
    )
    return shards.shards


def examples_entry(shards: list[str]) -> Examples:
    """What the manifest says of a model's examples."""
    return Examples(lows=list(LOWS), drawn=DRAWN, shards=shards)
