"""Heads as points: distances of heads over a sample of rows, document by document, and the picture
of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np

from attnviz import score
from attnviz.capture import Capture, CapturedBatch, Layer
from attnviz.capture.result import LayerDocument
from attnviz.engine.cache import key_of
from attnviz.format.manifest import Layout
from attnviz.heads import Divergences, lay_out, likeness, most_alike
from attnviz.score import Array
from attnviz.stages.work import Work

OF_A_DOCUMENT: Final = 16
FEWEST: Final = 64
MOST: Final = 2048
WORK: Final = 5e8
"""Rows of a document where there are many, and of the sample; pairs of heads × entries of attention
that are compared, which is seconds."""

_SHORT: Final = 256
_AT_ONCE: Final = 1 << 22
"""Keys of a document whose attention is computed whole; entries of all heads' attention that are
held."""

Placed = tuple[list[tuple[float, float]], list[list[tuple[str, float]]]]
"""A layer's heads: their places, and those most alike with their distances."""


@dataclass(frozen=True)
class _Group:
    """Layers on the same axes, by their number among all, and the rows to compare, by document."""

    layers: Mapping[int, Layer]
    rows: Mapping[int, Array]

    @property
    def heads(self) -> int:
        return sum(layer.heads for layer in self.layers.values())


def run_layouts(work: Work, captured: Capture, key: str) -> tuple[list[Placed], list[Layout]]:
    """The places of every layer's heads, and what is to be said of each layout."""
    placed: dict[int, Placed] = {}
    layouts = []
    groups: dict[tuple[str, str], dict[int, Layer]] = {}
    for number, layer in enumerate(captured.layers):
        groups.setdefault((layer.query_axis, layer.key_axis), {})[number] = layer
    steps = work.progress.steps(f"compare {work.name}", list(groups.items()), [1.0] * len(groups))
    for axes, layers in steps:
        group = _Group(layers, _sample(work, axes, sum(layer.heads for layer in layers.values())))
        chosen = [(layer.call, layer.selected) for layer in layers.values()]
        rows = {str(document): own.tolist() for document, own in group.rows.items()}

        def measure(group: _Group = group) -> dict[str, Any]:
            return _measure(captured, group)

        value = work.cache.value("layout", key_of(key, chosen, rows, likeness, score), measure)
        stacks = list(dict.fromkeys(layer.stack for layer in layers.values()))
        layouts.append(
            Layout(
                stacks=stacks,
                documents=len(rows),
                **{n: value[n] for n in ("rows", "stress", "rank")},
            )
        )
        placed |= _by_layer(group, value, _names(captured, layers))
    return [placed[number] for number in range(len(captured.layers))], layouts


def _names(captured: Capture, layers: Mapping[int, Layer]) -> list[str]:
    """The ids of heads, in order."""
    several = len({layer.stack for layer in captured.layers}) > 1
    return [
        f"{layer.stack}.L{layer.layer}H{number}" if several else f"L{layer.layer}H{number}"
        for layer in layers.values()
        for number in layer.numbers
    ]


def _by_layer(group: _Group, value: Mapping[str, Any], names: Sequence[str]) -> dict[int, Placed]:
    found, first = {}, 0
    for number, layer in group.layers.items():
        own = slice(first, first + layer.heads)
        alike = [
            [(names[other], distance) for other, distance in listed]
            for listed in value["alike"][own]
        ]
        found[number] = [(x, y) for x, y in value["places"][own]], alike
        first += layer.heads
    return found


def _sample(work: Work, axes: tuple[str, str], heads: int) -> dict[int, Array]:
    """Query rows by document, seeded: some of each of many documents, more of few, fewer where
    there are many heads."""
    queries, keys = (work.axes[name].lengths for name in axes)
    rng = np.random.default_rng(work.config.seed)
    documents = rng.permutation(np.flatnonzero((queries > 0) & (keys > 1)))
    pairs = max(1, heads * (heads - 1) // 2)
    left = (
        int(np.clip(WORK / (pairs * keys[documents].mean()), FEWEST, MOST)) if len(documents) else 0
    )
    most = max(OF_A_DOCUMENT, -(-left // max(1, len(documents))))
    found = {}
    for document in documents.tolist():
        count = min(left, most, int(queries[document]))
        if not count:
            break
        found[document] = np.sort(rng.choice(queries[document], count, replace=False))
        left -= count
    return found


def _measure(captured: Capture, group: _Group) -> dict[str, Any]:
    divergences = Divergences(group.heads)
    for batch in captured.batches:
        for part in _parts(batch, group):
            for a in _attention(captured, batch, group, part):
                divergences.add(a)
    distances = divergences.distances()
    picture = lay_out(distances)
    return {
        "rows": divergences.rows,
        "places": picture.places.tolist(),
        "stress": picture.stress,
        "rank": picture.rank,
        "alike": most_alike(distances),
    }


def _parts(batch: CapturedBatch, group: _Group) -> Iterator[dict[int, Array]]:
    """The batch's sampled rows by document, so many at a time as all heads' attention may be held
    of."""
    part: dict[int, Array] = {}
    held = 0
    axis = next(iter(group.layers.values())).key_axis
    for document, keys in zip(batch.batch.documents, batch.batch.lengths[axis], strict=True):
        rows = group.rows.get(document, ())
        step = max(1, _AT_ONCE // (group.heads * max(1, keys)))
        for own in (rows[start : start + step] for start in range(0, len(rows), step)):
            if part and (document in part or held + len(own) * keys * group.heads > _AT_ONCE):
                yield part
                part, held = {}, 0
            part[document] = np.asarray(own)
            held += len(own) * keys * group.heads
    if part:
        yield part


def _attention(
    captured: Capture, batch: CapturedBatch, group: _Group, rows: Mapping[int, Array]
) -> Iterator[Array]:
    """All heads' attention in these rows, (heads, rows, K) a document, but for rows that some head
    sees nothing in, or all see one key in."""
    own = replace(captured, batches=(batch,))
    parts: dict[int, list[Array]] = {document: [] for document in rows}
    for layer in group.layers.values():
        for found in own.documents(layer):
            if found.document in rows:
                parts[found.document].append(_rows(found, rows[found.document]))
    for a in map(np.concatenate, parts.values()):
        yield a[:, np.isfinite(a).all((0, 2)) & ((a > 0).sum(2).max(0) > 1)]


def _rows(own: LayerDocument, rows: Array) -> Array:
    """Attention (heads, rows, K) of some rows."""
    if len(own.intervals.lo) <= _SHORT:
        return own.attention()[:, rows]
    return np.concatenate([own.attention(slice(row, row + 1)) for row in rows.tolist()], 1)
