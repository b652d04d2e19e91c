"""Numbers that are not finite are named before anything is computed from them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from attnviz.capture.batches import Batch
from attnviz.capture.calls import Recorded
from attnviz.errors import InputError
from attnviz.models.loaded import LoadedModel


def refuse_unfinite(
    loaded: LoadedModel, recorded: Recorded, batch: Batch, numbers: Sequence[int]
) -> None:
    """Raises InputError that names layer, head and document if a captured number is not finite.

    `numbers` are those of the batch's documents in the corpus.
    """
    place = first_unfinite(recorded, batch)
    if place is None:
        return
    index, row, head = place
    call = recorded.calls[index]
    layer = Counter(each.stack for each in recorded.calls[:index])[call.stack]
    raise InputError(
        f"model {loaded.name}: document {numbers[row]} gives numbers that are not finite in"
        f" {f'{call.stack} L{layer}H{head}'.strip()} ({call.module}): the weights are damaged, or"
        f" {loaded.dtype} overflows: try another dtype, or leave the document out"
    )


def first_unfinite(recorded: Recorded, batch: Batch) -> tuple[int, int, int] | None:
    """The first call, row of the batch, and head with a number that is not finite; None where all
    are."""
    for index in range(len(recorded.calls)):
        for row in range(len(batch.documents)):
            head = _unfinite_head(recorded, batch, index=index, row=row)
            if head is not None:
                return index, row, head
    return None


def _unfinite_head(recorded: Recorded, batch: Batch, *, index: int, row: int) -> int | None:
    """The first head of call `index` whose numbers are not all finite on document `row` of the
    batch."""
    call = recorded.calls[index]
    if call.vectors:
        queries, keys = batch.slices(call.query_axis)[row], batch.slices(call.key_axis)[row]
        arrays = [recorded.arrays[f"q{index}"][:, queries], recorded.arrays[f"k{index}"][:, keys]]
    else:
        arrays = [recorded.arrays[f"a{index}-{row}"]]
    for array in arrays:
        finite = np.isfinite(array).all((1, 2))
        if not finite.all():
            return int(np.flatnonzero(~finite)[0]) * (call.heads // len(array))
    return None
