"""Heads compared over a sample of rows, batch by batch, and laid out as points: steps of the
build."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np
from safetensors.numpy import load_file, save_file

from attnviz.capture.calls import CapturedBatch
from attnviz.capture.result import Capture, LayerDocument
from attnviz.engine.step import folder_step, step
from attnviz.heads.compared_rows import telling_rows
from attnviz.heads.likeness import Divergences, PictureFigures, lay_out, most_alike, row_groups
from attnviz.score import Array

_FILE: Final = "divergences.safetensors"
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


@dataclass(frozen=True)
class BatchRows:
    """The rows of a batch's documents that are compared, ascending, and the documents' numbers by
    content, by number in the batch."""

    rows: dict[int, Array]
    contents: dict[int, int]


@folder_step("likeness in a batch")
def compare_batch(into: Path, captured: Capture, sampled: BatchRows) -> int:
    """All heads of layers on the same axes, compared in rows of the one batch that was
    `captured`: a file of sums. Returns how many rows tell heads apart."""
    divergences = Divergences(_heads(captured))
    [batch] = captured.batches
    for part in _parts(batch, captured, sampled.rows):
        for document, attention, telling in _attention(captured, part):
            groups = row_groups(sampled.contents[document], part[document])
            divergences.add(attention[:, telling], groups[telling])
    arrays = {name: np.ascontiguousarray(array) for name, array in divergences.state().items()}
    save_file(arrays, into / _FILE)
    return divergences.rows


@step("layout")
def lay_out_heads(heads: int, batches: Sequence[Path], share: float) -> Comparison:
    """So many heads as points, by what was compared in each batch, in folders, in rows that have
    this share of all."""
    divergences = Divergences(heads)
    for folder in batches:
        divergences.merge(load_file(folder / _FILE), np.arange(0))
    distances = divergences.distances()
    picture = lay_out(distances)
    return Comparison(
        rows=divergences.rows,
        places=[(float(x), float(y)) for x, y in picture.places],
        figures=picture.figures,
        errors=divergences.errors_of(picture.places, share),
        sampled=share < 1,
        alike=[
            [(other, distance, divergences.error(head, other, share)) for other, distance in others]
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


def _attention(captured: Capture, rows: Rows) -> Iterator[tuple[int, Array, Array]]:
    """Each document with all heads' attention in these rows, (heads, rows, K), and which of them
    tell heads apart, (rows,): not those that some head sees nothing in, or all see one key in."""
    parts: dict[int, list[Array]] = {document: [] for document in rows}
    keys = {
        document: np.zeros(len(of_document), np.int64) for document, of_document in rows.items()
    }
    for layer in captured.layers:
        for document in captured.documents(layer, frozenset(rows)):
            number = document.document
            parts[number].append(_rows(document, rows[number]))
            visible = (document.intervals.hi - document.intervals.lo)[rows[number]]
            keys[number] = np.maximum(keys[number], visible)
    for number, of_layers in parts.items():
        attention = np.concatenate(of_layers)
        yield number, attention, telling_rows(attention, keys[number])


def _rows(document: LayerDocument, rows: Array) -> Array:
    """Attention (heads, rows, K) of some rows."""
    if len(document.intervals.lo) <= _SHORT:
        return document.attention()[:, rows]
    blocks = [document.attention(slice(row, row + 1)) for row in rows.tolist()]
    return np.concatenate(blocks, 1)
