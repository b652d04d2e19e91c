"""What labels are true of, counted in one pass over the attention of a block, compiled."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from attnviz.engine.compiled import compiled
from attnviz.score import Array

_AT_ONCE: Final = 64
"""Labels of a pass: each is a bit of a number."""
_ONE: Final = np.uint64(1)
_NONE: Final = np.uint64(0)


@dataclass(frozen=True)
class CountedLabels:
    """Of a block's pairs that count: attention on those that a label holds for, `held`
    (heads, labels), and on all, `all` (heads,), float64; how many rows have a pair that it holds
    for, `seeing` (labels,), and of how many of these the largest attention is on one, of equal
    ones the first, `hits` (heads, labels), int64; and what a pair that counts and that a label
    does not hold for needs to be among the few strongest of its head, `least` (heads, labels)
    float32."""

    held: Array
    all: Array
    seeing: Array
    hits: Array
    least: Array


def count_labels(
    stored: Array, counts: Array, holds: Array, least: Array, few: int
) -> CountedLabels:
    """Count the attention `stored` (heads, rows, K) of labels: counts (rows, K) says which pairs
    count, and holds (labels, rows, K) which of them each label holds for. Weaker pairs than `least`
    (heads, labels) float32 are not among the strongest."""
    heads, labels = least.shape
    counted = CountedLabels(
        held=np.zeros((heads, labels)),
        all=np.zeros(heads),
        seeing=np.zeros(labels, np.int64),
        hits=np.zeros((heads, labels), np.int64),
        least=np.empty((heads, labels), np.float32),
    )
    stored, counts = np.ascontiguousarray(stored), np.ascontiguousarray(counts)
    for start in range(0, labels, _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        strongest = np.repeat(least[:, part, None], few, axis=-1)  # (head, label, few)
        counted.all[:] = 0
        _count(
            stored, counts, np.ascontiguousarray(holds[part]), strongest,
            counted.held[:, part], counted.all, counted.seeing[part], counted.hits[:, part],
        )  # fmt: skip
        counted.least[:, part] = strongest[..., -1]
    return counted


@compiled
def _count(
    stored: Any, counts: Any, holds: Any, strongest: Any,
    held: Any, total: Any, seeing: Any, hits: Any,
) -> None:  # fmt: skip
    heads, rows, keys = stored.shape
    labels, last = holds.shape[0], strongest.shape[2] - 1
    lowest = np.empty(heads, np.float32)  # what a pair needs to be against any label
    for head in range(heads):
        lowest[head] = strongest[head, :, last].min()
    bits = np.empty(keys, np.uint64)  # the labels that hold for a key
    for i in range(rows):
        bits[:] = _NONE
        for label in range(labels):
            shift = np.uint64(label)
            for j in range(keys):
                bits[j] |= np.uint64(holds[label, i, j]) << shift
        of_row = _NONE
        for j in range(keys):
            of_row |= bits[j]
        for label in range(labels):
            seeing[label] += (of_row >> np.uint64(label)) & _ONE
        for head in range(heads):
            largest, at = np.float64(-1), -1
            for j in range(keys):
                if not counts[i, j]:
                    continue
                weight = stored[head, i, j]
                total[head] += weight
                if weight > largest:
                    largest, at = weight, j
                rest, label = bits[j], 0
                while rest:
                    if rest & _ONE:
                        held[head, label] += weight
                    rest >>= _ONE
                    label += 1
                if np.float32(weight) <= lowest[head]:
                    continue
                _insert(np.float32(weight), bits[j], strongest[head])
                lowest[head] = strongest[head, :, last].min()
            for label in range(labels):
                if at >= 0:
                    hits[head, label] += (bits[at] >> np.uint64(label)) & _ONE


@compiled
def _insert(weight: Any, bits: Any, strongest: Any) -> None:
    """A pair's attention among the strongest (labels, few) of each label that does not hold."""
    last = strongest.shape[1] - 1
    for label in range(len(strongest)):
        if (bits >> np.uint64(label)) & _ONE or weight <= strongest[label, last]:
            continue
        n = last
        while n > 0 and weight > strongest[label, n - 1]:
            strongest[label, n] = strongest[label, n - 1]
            n -= 1
        strongest[label, n] = weight


@compiled
def strong_pairs(stored: Any, counts: Any, least: Any) -> Any:
    """Of the attention stored (heads, rows, K) float32 on pairs that count, (rows, K), what is no
    less than the `least` of its head, (heads,) float32: places in it as if it were flat, int64."""
    heads, rows, keys = stored.shape
    many = 0
    for head in range(heads):
        for i in range(rows):
            for j in range(keys):
                many += counts[i, j] and stored[head, i, j] >= least[head]
    places, many = np.empty(many, np.int64), 0
    for head in range(heads):
        for i in range(rows):
            for j in range(keys):
                if counts[i, j] and stored[head, i, j] >= least[head]:
                    places[many] = (head * rows + i) * keys + j
                    many += 1
    return places
