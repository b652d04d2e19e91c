"""Head statistics, layer by layer, streamed over blocks of rows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from attnviz import heads, score
from attnviz.cache import key_of
from attnviz.capture import Capture, Layer
from attnviz.score import Array, Intervals
from attnviz.stages.work import Work


def run_statistics(work: Work, captured: Capture, key: str) -> list[list[dict[str, float | None]]]:
    """Statistics of every head, by layer."""
    found = []
    for layer in work.progress.steps(f"statistics {work.name}", captured.layers, [1.0] * len(captured.layers)):
        own_key = key_of(key, layer.call, layer.selected, work.loaded.separator, heads, score)

        def measure(layer: Layer = layer) -> list[dict[str, float | None]]:
            return heads.layer_statistics(_blocks(work, captured, layer), layer.heads, layer.cross)

        found.append(work.cache.value("statistics", own_key, measure))
    return found


def _blocks(work: Work, captured: Capture, layer: Layer) -> Iterator[tuple[Array, Intervals, Array]]:
    keys = work.axes[layer.key_axis].documents
    for own in captured.documents(layer):
        tokens = keys[own.document]
        separators = np.zeros(own.intervals.keys, bool) if tokens is None else tokens.ids == work.loaded.separator
        for intervals, a in own.blocks():
            yield a, intervals, separators
