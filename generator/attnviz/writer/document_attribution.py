"""What parts of a model add to logits, written, as a step of the build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np

from attnviz.capture.captured_layer import CapturedLayer
from attnviz.engine.step import folder_step
from attnviz.format.manifest import Shard
from attnviz.format.shards import TARGET, ShardFolder, cut
from attnviz.score import Intervals
from attnviz.writes.document_attribution import BY_LAYER, BY_TOKEN

Row = dict[str, Any]

_BESIDE: Final = 64
"""Bytes of a row beside its lists, about."""


@folder_step("stored logit attribution")
def write_attribution(
    into: Path, documents: Sequence[int], files: Sequence[Path], model: str
) -> dict[str, Shard]:
    """Shards of a model by id, of documents, ascending, with the files that `attribute_batch`
    wrote of them."""
    shards = ShardFolder(into)
    rows = [row for pair in zip(documents, files, strict=True) for row in _rows(*pair)]
    for part, (first, end) in enumerate(cut([_size(row) for row in rows])):
        here = rows[first:end]
        shards.add(
            f"attribution-{model}-{part}",
            "attribution",
            {name: [row[name] for row in here] for name in here[0]},
            model=model,
            documents=(here[0]["document"], here[-1]["document"] + 1),
        )
    return shards.shards


@folder_step("stored logit attribution of pairs")
def write_pairs(
    into: Path, layer: CapturedLayer, documents: Sequence[int], files: Sequence[Path], model: str
) -> dict[str, Shard]:
    """Shards of one layer by id, of documents, ascending, with the files that `attribute_batch`
    wrote of their pairs."""
    of_layer, shards = layer.layer, ShardFolder(into)
    intervals = layer.capture.intervals(of_layer.rule)
    rows = [
        row
        for document, file in zip(documents, files, strict=True)
        for row in _pair_rows(document, file, of_layer.numbers, intervals[document])
    ]
    for part, (first, end) in enumerate(cut([_size(row) for row in rows])):
        here = rows[first:end]
        heads = [row["head"] for row in here]
        shards.add(
            f"attribution-pairs-{model}-{of_layer.stack}-L{of_layer.layer}-{part}",
            "attribution-pairs",
            {name: [row[name] for row in here] for name in here[0]},
            model=model,
            stack=of_layer.stack,
            layer=of_layer.layer,
            heads=(min(heads), max(heads) + 1),
            documents=(here[0]["document"], here[-1]["document"] + 1),
        )
    return shards.shards


def _pair_rows(
    document: int, file: Path, heads: Sequence[int], intervals: Intervals
) -> Iterator[Row]:
    """A document's pairs head by head, in ranges of tokens of at most about 150 kB."""
    with np.load(file) as stored:
        codes, scales = stored["codes"], stored["scales"]
    count = codes.shape[1]
    step = max(1, TARGET // 2 // codes.shape[2])
    for place, head in enumerate(heads):
        for first in range(0, count, step):
            rows = range(first, min(first + step, count))
            seen = [codes[place, row, intervals.lo[row] : intervals.hi[row]] for row in rows]
            yield {
                "document": document,
                "head": head,
                "start": first,
                "rows": len(rows),
                "codes": np.concatenate(seen),
                "scales": scales[place, first : rows.stop],
            }


def _rows(document: int, file: Path) -> Iterator[Row]:
    """A document in ranges of tokens of at most about 150 kB."""
    with np.load(file) as stored:
        arrays = {name: stored[name] for name in ("codes", "scales", *BY_TOKEN, *BY_LAYER)}
    count = len(arrays["codes"])
    size = sum(array.nbytes for array in arrays.values()) // count
    step = max(1, TARGET // 2 // size)
    for first in range(0, count, step):
        rows = slice(first, min(first + step, count))
        yield {"document": document, "start": first, "rows": rows.stop - first} | {
            name: _or_none(name, array[rows].ravel()) for name, array in arrays.items()
        }


def _or_none(name: str, values: Any) -> Any:
    """Parts that most models have none of take no bytes."""
    return None if name in ("between", *BY_LAYER) and not values.any() else values


def _size(row: Row) -> int:
    return _BESIDE + sum(getattr(value, "nbytes", 0) for value in row.values())
