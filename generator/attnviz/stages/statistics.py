"""Head statistics and labels, layer by layer, streamed over blocks of rows; and the probes that
labels need."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from attnviz import capture, score
from attnviz.capture import Capture, CapturedBatch, Layer
from attnviz.capture.batches import make_batch
from attnviz.engine.cache import key_of
from attnviz.format.manifest import Layout
from attnviz.heads import (
    Block,
    HeadStatistics,
    LayerFacts,
    Types,
    agreement,
    by_head,
    catalogue,
    deciles,
    frequent_types,
    label_heads,
    offset_profile,
    pair_rows,
    pairs,
    probe_scores,
    probe_texts,
    repeated_text,
    statistic,
    statistics,
    sums,
    traits,
    traits_of,
)
from attnviz.heads.repeated_text import CONTROLS, SCORES
from attnviz.modalities import ModelInput
from attnviz.score import Array
from attnviz.stages.copying import run_copying
from attnviz.stages.layouts import run_layouts
from attnviz.stages.work import Work

_CODE: Final = (
    agreement,
    catalogue,
    deciles,
    offset_profile,
    pairs,
    statistic,
    statistics,
    sums,
    traits,
    score,
    *dict.fromkeys(sys.modules[group.__module__] for group in catalogue.GROUPS),
)


def run_statistics(
    work: Work, captured: Capture, key: str
) -> tuple[list[LayerFacts], list[Layout]]:
    """What was found of every layer's heads, and the layouts they have their places in."""
    probed = _probe(work, captured, key)
    copied = run_copying(work, captured, key)
    found = []
    types = {name: frequent_types(axis.documents) for name, axis in work.axes.items()}
    said = _described(work)
    steps = work.progress.steps(
        f"statistics {work.name}", captured.layers, [1.0] * len(captured.layers)
    )
    placed, layouts = run_layouts(work, captured, key)
    for layer, own, copying, (positions, alike) in zip(steps, probed, copied, placed, strict=True):
        own_key = key_of(key, layer.call, layer.selected, work.loaded.separator, said, *_CODE)

        def measure(layer: Layer = layer) -> dict[str, Any]:
            return _measure(work, captured, layer, (types[layer.query_axis], types[layer.key_axis]))

        value = work.cache.value("statistics", own_key, measure)
        evidence = [a | b for a, b in zip(value["evidence"], own, strict=True)]
        values = [a | b | c for a, b, c in zip(value["values"], own, copying, strict=True)]
        rest = {name: value[name] for name in ("offsets", "typical", "focus", "deciles", "pairs")}
        found.append(
            LayerFacts(values, label_heads(evidence), positions=positions, alike=alike, **rest)
        )
    return found, layouts


def _described(work: Work) -> list[Any]:
    """What statistics ask of the documents' tokens beside what was captured: their labels."""
    tokens = (own for axis in work.axes.values() for own in axis.documents)
    return [
        None if own is None else {name: list(given) for name, given in own.labels.items()}
        for own in tokens
    ]


def _measure(
    work: Work, captured: Capture, layer: Layer, types: tuple[Types, Types]
) -> dict[str, Any]:
    collected = HeadStatistics(layer.heads, layer.sinks is not None, types)
    for block in _blocks(work, captured, layer, collected, types):
        collected.add(block)
    typical, focus = collected.typical()
    return {
        "values": collected.values(),
        "evidence": collected.evidence(),
        "typical": typical,
        "focus": focus,
        "offsets": [] if layer.cross else collected.profiles(),
        "deciles": collected.deciles(),
        "pairs": pair_rows(collected.pairs()),
    }


def _blocks(
    work: Work,
    captured: Capture,
    layer: Layer,
    collected: HeadStatistics,
    types: tuple[Types, Types],
) -> Iterator[Block]:
    queries, keys = (work.axes[name].documents for name in (layer.query_axis, layer.key_axis))
    for own in captured.documents(layer):
        if layer.vectors:
            collected.add_vectors(own.q, own.k)
        if own.values is not None:
            collected.add_values(own.values)
        query, key = queries[own.document], keys[own.document]
        both = (
            None if query is None or key is None else (types[0].of(query.ids), types[1].of(key.ids))
        )
        traits = traits_of(key, own.intervals.keys, work.loaded.separator, layer.cross, both)
        # Rows and columns that are of the report's picture tell nothing of what is seen or heard.
        if not work.family.axes[layer.key_axis].grid_is_of_input:
            traits = replace(traits, row=None, column=None)
        for intervals, a in own.blocks():
            yield Block(own.document, a, intervals, traits, layer.cross, own.values)


def _probe(work: Work, captured: Capture, key: str) -> list[list[dict[str, float | None]]]:
    """The probes' scores by layer and head; empty mappings where the model is no model of one
    text."""
    nothing: list[list[dict[str, float | None]]] = [
        [{} for _ in layer.numbers] for layer in captured.layers
    ]
    if not work.family.reads_one_text:
        return nothing
    chosen = [(layer.call, layer.selected) for layer in captured.layers]
    own_key = key_of(key, chosen, work.config.seed, repeated_text, sums)
    found: list[list[dict[str, float | None]]] = work.cache.value(
        "probe", own_key, lambda: _run_probe(work)
    )
    return found or nothing


def _run_probe(work: Work) -> list[list[dict[str, float | None]]]:
    """Eight texts of random tokens said twice and, as a control, eight where the second time is in
    another order."""
    texts = probe_texts(work.loaded, work.config.seed)
    if not texts:
        return []
    texts += probe_texts(work.loaded, work.config.seed, repeated=False)
    batch = make_batch(tuple(range(len(texts))), texts)
    with tempfile.TemporaryDirectory() as folder:
        capture.write_batch(work.loaded, work.family, batch, texts, Path(folder))
        probed = capture.assemble(
            [CapturedBatch(batch, Path(folder))], work.spec.layers, work.spec.heads
        )
        return [_scores(probed, layer, texts) for layer in probed.layers]


def _scores(
    probed: Capture, layer: Layer, texts: Sequence[ModelInput]
) -> list[dict[str, float | None]]:
    special = [own.axes["text"].special for own in texts]
    found: dict[str, Array] = {}
    for names, own in (
        (SCORES, range(len(texts) // 2)),
        (CONTROLS, range(len(texts) // 2, len(texts))),
    ):
        taken = (
            (d.attention(), special[d.document])
            for d in probed.documents(layer)
            if d.document in own
        )
        found |= probe_scores(taken, layer.heads, names)
    return by_head(found, layer.heads)
