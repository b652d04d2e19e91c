"""Head statistics and labels, layer by layer, streamed over blocks of rows; and the probes that labels need."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attnviz import capture, score
from attnviz.cache import key_of
from attnviz.capture import Capture, CapturedBatch, Layer
from attnviz.capture.batches import make_batch
from attnviz.heads import (
    Block,
    HeadStatistics,
    LayerFacts,
    by_head,
    columns,
    grid,
    label_heads,
    offsets,
    probe,
    probe_scores,
    probe_texts,
    statistics,
    sums,
    traits,
    traits_of,
    vectors,
)
from attnviz.stages.work import Work

_CODE: Final = (columns, grid, offsets, statistics, sums, traits, vectors, score)


def run_statistics(work: Work, captured: Capture, key: str) -> list[LayerFacts]:
    """What was found of every layer's heads."""
    probed = _probe(work, captured, key)
    found = []
    steps = work.progress.steps(f"statistics {work.name}", captured.layers, [1.0] * len(captured.layers))
    for layer, own in zip(steps, probed, strict=True):
        own_key = key_of(key, layer.call, layer.selected, work.loaded.separator, *_CODE)

        def measure(layer: Layer = layer) -> dict[str, Any]:
            return _measure(work, captured, layer)

        value = work.cache.value("statistics", own_key, measure)
        evidence = [a | b for a, b in zip(value["evidence"], own, strict=True)]
        values = [a | b for a, b in zip(value["values"], own, strict=True)]
        found.append(LayerFacts(values, label_heads(evidence), value["offsets"], value["typical"]))
    return found


def _measure(work: Work, captured: Capture, layer: Layer) -> dict[str, Any]:
    collected = HeadStatistics(layer.heads, layer.sinks is not None)
    for block in _blocks(work, captured, layer, collected):
        collected.add(block)
    return {
        "values": collected.values(), "evidence": collected.evidence(), "typical": collected.typical(),
        "offsets": [] if layer.cross else collected.profiles(),
    }  # fmt: skip


def _blocks(work: Work, captured: Capture, layer: Layer, collected: HeadStatistics) -> Iterator[Block]:
    keys = work.axes[layer.key_axis].documents
    for own in captured.documents(layer):
        if layer.vectors:
            collected.add_vectors(own.q, own.k)
        traits = traits_of(keys[own.document], own.intervals.keys, work.loaded.separator, layer.cross)
        for intervals, a in own.blocks():
            yield Block(own.document, a, intervals, traits, layer.cross)


def _probe(work: Work, captured: Capture, key: str) -> list[list[dict[str, float | None]]]:
    """The probes' scores by layer and head; empty mappings where the model is no model of one text."""
    nothing: list[list[dict[str, float | None]]] = [[{} for _ in layer.numbers] for layer in captured.layers]
    if work.family.name != "text":
        return nothing
    chosen = [(layer.call, layer.selected) for layer in captured.layers]
    own_key = key_of(key, chosen, work.config.seed, probe, sums)
    found: list[list[dict[str, float | None]]] = work.cache.value("probe", own_key, lambda: _run_probe(work))
    return found or nothing


def _run_probe(work: Work) -> list[list[dict[str, float | None]]]:
    texts = probe_texts(work.loaded, work.config.seed)
    if not texts:
        return []
    batch = make_batch(tuple(range(len(texts))), texts)
    with tempfile.TemporaryDirectory() as folder:
        capture.write_batch(work.loaded, work.family, batch, texts, Path(folder))
        probed = capture.assemble([CapturedBatch(batch, Path(folder))], work.spec.layers, work.spec.heads)
        special = [own.axes["text"].special for own in texts]
        return [
            by_head(
                probe_scores(((d.attention(), special[d.document]) for d in probed.documents(layer)), layer.heads),
                layer.heads,
            )
            for layer in probed.layers
        ]
