"""Shards of what score rules need beside queries and keys: biases, and masks of no simpler form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from attnviz.format.manifest import BiasTable
from attnviz.format.shards import ShardFolder, cut
from attnviz.score import Bias, Intervals

HeadBias = tuple[Bias | None, tuple[int, ...]]
"""A layer's bias with the numbers of its heads."""


def write_biases(model: str, layers: Sequence[HeadBias], into: ShardFolder) -> list[BiasTable]:
    """Each different bias once; layers find theirs by `number_biases`."""
    tables = []
    for number, (bias, heads) in enumerate(_distinct(layers).values()):
        assert bias is not None
        columns = {"head": list(heads), "values": [values.ravel() for values in bias.values]}
        name = into.add(f"bias-{model}-{number}", "bias", columns, model=model)
        tables.append(BiasTable(kind=bias.kind, size=bias.values.shape[-1], shard=name))
    return tables


def number_biases(layers: Sequence[HeadBias]) -> list[int | None]:
    """For each layer the number of its bias among the different ones."""
    order = {key: number for number, key in enumerate(_distinct(layers))}
    return [None if layer[0] is None else order[_digest(layer)] for layer in layers]


def _distinct(layers: Sequence[HeadBias]) -> dict[bytes, HeadBias]:
    """The different biases, in order."""
    distinct: dict[bytes, HeadBias] = {}
    for layer in layers:
        if layer[0] is not None:
            distinct.setdefault(_digest(layer), layer)
    return distinct


def _digest(layer: HeadBias) -> bytes:
    bias, heads = layer
    assert bias is not None
    return repr((bias.kind, bias.values.shape, heads)).encode() + bias.values.tobytes()


def write_masks(
    model: str, rule: int, documents: int, intervals: Mapping[int, Intervals], into: ShardFolder
) -> list[str]:
    """The intervals of a mask of no simpler form, one row per document; a document without tokens
    has none."""
    rows = [intervals.get(document) for document in range(documents)]
    sizes = [16 if row is None else 8 * len(row.lo) for row in rows]
    names = []
    for part, (first, end) in enumerate(cut(sizes)):
        columns = {
            side: [[] if row is None else getattr(row, side).tolist() for row in rows[first:end]]
            for side in ("lo", "hi")
        }
        name = f"mask-{model}-{rule}-{part}"
        names.append(
            into.add(name, "mask", columns, model=model, rule=rule, documents=(first, end))
        )
    return names
