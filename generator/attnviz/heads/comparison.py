"""Heads compared over a sample of rows, document by document, and laid out as points, as a step of
the build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Final

import numpy as np

from attnviz.capture.calls import CapturedBatch
from attnviz.capture.result import Capture, LayerDocument
from attnviz.engine.step import step
from attnviz.heads.compared_rows import telling_rows
from attnviz.heads.likeness import Divergences, PictureFigures, lay_out, most_alike, row_groups
from attnviz.sampling import RowSample
from attnviz.score import Array

_SHORT: Final = 256
_AT_ONCE: Final = 1 << 22
"""Keys of a document whose attention is computed whole; entries of all heads' attention that are
held."""

Rows = Mapping[int, Array]
"""Query rows to compare, by document."""


@dataclass(frozen=True)
class Comparison:
    """Heads as points, by their number in the group: places, and those most alike with their
    distances and standard errors; rows compared, whether of a sample, how far the picture may be
    believed, and the standard errors of that where the rows are a sample."""

    rows: int
    sampled: bool
    places: list[tuple[float, float]]
    figures: PictureFigures
    errors: PictureFigures
    alike: list[list[tuple[int, float, float | None]]]


@step("layout")
def compare_heads(captured: Capture, sample: RowSample) -> Comparison:
    """All heads of layers on the same axes, compared in these rows."""
    divergences = Divergences(_heads(captured))
    for batch in captured.batches:
        for part in _parts(batch, captured, sample.rows):
            for attention, groups in _attention(captured, batch, part):
                divergences.add(attention, groups)
    distances = divergences.distances()
    picture = lay_out(distances)
    return Comparison(
        rows=divergences.rows,
        places=[(float(x), float(y)) for x, y in picture.places],
        figures=picture.figures,
        errors=divergences.errors_of(picture.places, sample.share),
        sampled=sample.share < 1,
        alike=[
            [
                (other, distance, divergences.error(head, other, sample.share))
                for other, distance in others
            ]
            for head, others in enumerate(most_alike(distances))
        ],
    )


def _heads(captured: Capture) -> int:
    return sum(layer.heads for layer in captured.layers)


def _parts(batch: CapturedBatch, captured: Capture, rows: Rows) -> Iterator[dict[int, Array]]:
    """The batch's sampled rows by document, so many at a time as all heads' attention may be held
    of."""
    part: dict[int, Array] = {}
    total, heads = 0, _heads(captured)
    nothing = (0,) * len(batch.batch.documents)
    lengths = batch.batch.lengths.get(captured.layers[0].key_axis, nothing)
    for document, keys in zip(batch.batch.documents, lengths, strict=True):
        sampled = rows.get(document, ())
        step = max(1, _AT_ONCE // (heads * max(1, keys)))
        for block in (sampled[start : start + step] for start in range(0, len(sampled), step)):
            entries = len(block) * keys * heads
            if part and (document in part or total + entries > _AT_ONCE):
                yield part
                part, total = {}, 0
            part[document] = np.asarray(block)
            total += entries
    if part:
        yield part


def _attention(
    captured: Capture, batch: CapturedBatch, rows: Rows
) -> Iterator[tuple[Array, Array]]:
    """All heads' attention in these rows, (heads, rows, K) for each document, but for rows that
    some head sees nothing in, or all see one key in; with the groups of the rows, (rows,)."""
    alone = replace(captured, batches=(batch,))
    parts: dict[int, list[Array]] = {document: [] for document in rows}
    keys = {
        document: np.zeros(len(of_document), np.int64) for document, of_document in rows.items()
    }
    for layer in captured.layers:
        for document in alone.documents(layer):
            if (number := document.document) in rows:
                parts[number].append(_rows(document, rows[number]))
                visible = (document.intervals.hi - document.intervals.lo)[rows[number]]
                keys[number] = np.maximum(keys[number], visible)
    for number, of_layers in parts.items():
        attention = np.concatenate(of_layers)
        telling = telling_rows(attention, keys[number])
        yield attention[:, telling], row_groups(number, rows[number])[telling]


def _rows(document: LayerDocument, rows: Array) -> Array:
    """Attention (heads, rows, K) of some rows."""
    if len(document.intervals.lo) <= _SHORT:
        return document.attention()[:, rows]
    blocks = [document.attention(slice(row, row + 1)) for row in rows.tolist()]
    return np.concatenate(blocks, 1)
