"""Lengths of a layer's values, coded and written, as a step of the build."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attnviz.capture.captured_layer import CapturedLayer
from attnviz.engine.step import folder_step
from attnviz.format.manifest import Shard, ValueLengths
from attnviz.format.shards import ShardFolder, cut
from attnviz.score import Array
from attnviz.value_lengths import LengthCodes, encode_lengths


@dataclass(frozen=True)
class StoredValues:
    """What the manifest says of a layer's values, None where they are not known; their shards by
    id."""

    entry: ValueLengths | None
    shards: dict[str, Shard]


@folder_step("values")
def write_values(into: Path, layer: CapturedLayer, lengths: Array, model: str) -> StoredValues:
    """A layer's values. `lengths` (documents,) are the tokens of every document on the axis of
    keys."""
    known = _norms(layer, lengths)
    if known is None:
        return StoredValues(None, {})
    about, shards = layer.layer, ShardFolder(into)
    ends = np.concatenate([[0], np.cumsum(lengths)])
    names, error = [], 0.0
    for part, (first, end) in enumerate(cut((lengths * about.kv_heads).tolist())):
        norms = known[:, ends[first] : ends[end]]  # (kv head, token)
        codes = [encode_lengths(of_head) for of_head in norms]
        error = max([error, *map(_error, codes, norms)])
        columns = {
            "head": about.kv_numbers,
            "codes": [of_head.codes for of_head in codes],
            "lo": [of_head.lo for of_head in codes],
            "hi": [of_head.hi for of_head in codes],
        }
        names.append(
            shards.add(
                f"values-{model}-{about.stack}-L{about.layer}-{part}",
                "values",
                columns,
                model=model,
                stack=about.stack,
                layer=about.layer,
                documents=(first, end),
            )
        )
    return StoredValues(ValueLengths(shards=names, error=error), shards.shards)


def _norms(layer: CapturedLayer, lengths: Array) -> Array | None:
    """Lengths of all values, (kv heads, tokens of the corpus), 0 where the layer does not read a
    document; None if any document's are not known."""
    starts = np.cumsum(lengths) - lengths
    norms = np.zeros((layer.layer.kv_heads, int(lengths.sum())), np.float32)
    for document in layer.documents():
        if document.values is None:
            return None
        first = starts[document.document]
        norms[:, first : first + document.values.shape[1]] = document.values
    return norms


def _error(codes: LengthCodes, lengths: Array) -> float:
    """The largest error of a decoded length, as a share of it."""
    above: Array = lengths > 0
    ratios = codes.lengths()[above] / lengths[above]
    return float(np.abs(ratios - 1).max(initial=0.0))
