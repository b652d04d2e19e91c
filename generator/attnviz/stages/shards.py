"""Attention shards and their certificates, layer by layer and batch by batch."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np

from attnviz import encoding, score
from attnviz.capture import Capture, CapturedBatch, Layer
from attnviz.encoding import Errors
from attnviz.engine.cache import key_of
from attnviz.format import manifest as schema
from attnviz.format import shards as report_shards
from attnviz.format.manifest import Certificate
from attnviz.format.shards import ShardFolder, read_shard
from attnviz.reader import decode
from attnviz.reader.decode import AttentionTable
from attnviz.stages.work import Shards, Work, keep_shards
from attnviz.writer import attention as report_attention
from attnviz.writer import certificates as certify
from attnviz.writer.attention import LayerSource
from attnviz.writer.certificates import Stored

Chosen = list[list[str]]


def run_attention(
    work: Work, captured: Capture, key: str
) -> tuple[list[Chosen], list[Shards], list[str]]:
    """Attention shards: encodings by layer, group and kv head; the shards by layer; a key for each
    layer."""
    bounds = (work.config.fidelity.total_variation, work.config.fidelity.max_error)
    chosen: list[Chosen] = []
    kept: list[Shards] = []
    keys: list[str] = []
    code = (encoding, report_attention, score, schema, report_shards)
    for layer in work.progress.steps(
        f"encode {work.name}", captured.layers, [1.0] * len(captured.layers)
    ):
        own_key = key_of(
            key, layer.call, layer.selected, work.name, work.groups.tolist(), bounds, *code
        )

        def write(into: ShardFolder, layer: Layer = layer) -> Any:
            name = f"model {work.name}, {layer.stack} layer {layer.layer}"
            source = LayerSource(name, layer, lambda: captured.documents(layer))
            own = report_attention.choose(source, work.groups, bounds)
            stem = f"attention-{work.name}-{layer.stack}-L{layer.layer}"
            place = {"model": work.name, "stack": layer.stack, "layer": layer.layer}
            report_attention.write_layer(source, work.groups, own, into, stem, **place)
            return own

        done, value = keep_shards(work.cache, "attention", own_key, write)
        chosen.append(value)
        kept.append(done)
        keys.append(own_key)
    return chosen, kept, keys


def run_certificates(
    work: Work, captured: Capture, chosen: list[Chosen], kept: list[Shards], keys: list[str]
) -> list[list[Certificate]]:
    """Certificates of every head, by layer, from the shards as they will be read. InputError over
    the bound."""
    stored: dict[int, Stored] = {}

    def measure(batch: CapturedBatch) -> dict[str, list[list[float]]]:
        if not stored:
            for layer, own, names in zip(captured.layers, kept, chosen, strict=True):
                rule = captured.rules[layer.rule]
                stored[layer.call] = Stored(layer, rule, _open(own), names, work.groups)
        if certify.by_eager(work.loaded, batch):
            errors = certify.measure_by_eager(
                work.loaded, work.family, batch, work.prepared, stored
            )
        else:
            errors = {
                call: certify.measure_by_capture(work.loaded, captured, batch, own)
                for call, own in stored.items()
            }
        return {
            str(call): [column.tolist() for column in asdict(e).values()]
            for call, e in errors.items()
        }

    total = {layer.call: Errors.none(layer.heads) for layer in captured.layers}
    sizes = [float(b.batch.tokens) for b in captured.batches]
    for batch in work.progress.steps(f"certify {work.name}", captured.batches, sizes):
        own_key = key_of(keys, batch.folder.name, certify, report_attention, decode, encoding)
        value = work.cache.value("certificates", own_key, lambda batch=batch: measure(batch))  # type: ignore[misc]
        for call, columns in value.items():
            total[int(call)].merge(Errors(*(np.array(column) for column in columns)))
    return _issue(work, captured, total)


def _issue(work: Work, captured: Capture, total: dict[int, Errors]) -> list[list[Certificate]]:
    bounds = (work.config.fidelity.total_variation, work.config.fidelity.max_error)
    eager = [certify.by_eager(work.loaded, batch) for batch in captured.batches]
    references = [
        name
        for name, used in ((certify.EAGER, any(eager)), (certify.CAPTURED, not all(eager)))
        if used
    ]
    sampled = any(certify.is_long(batch) for batch in captured.batches)
    found = []
    for layer in captured.layers:
        own = certify.certificates(total[layer.call], references, sampled)
        certify.refuse_over_bound(layer, own, bounds, work.name)
        found.append(own)
    return found


def _open(own: Shards) -> list[AttentionTable]:
    return [
        AttentionTable(entry.encoding or "", read_shard(own.folder, entry))
        for entry in own.entries.values()
    ]


def size_estimate(work: Work, captured: Capture) -> str:
    """About how many bytes the report will take: int16 vectors or dense uint8, whichever is
    smaller, and the maps."""
    total = 0
    for layer in captured.layers:
        names = ("dense-uint8", "query-key-int16") if layer.vectors else ("dense-uint8",)
        for own in captured.documents(layer):
            costs = (
                encoding.stored_bytes(name, own.intervals, layer.group, layer.head_size)
                for name in names
            )
            total += min(costs) * layer.kv_heads
        total += (
            layer.heads
            * (len(work.axes[layer.query_axis].sample) + len(work.axes[layer.key_axis].sample))
            * 4
        )
    return (
        f"about {total / 1e6:.1f} MB of data to come, {total * 7 / 3e6:.1f} MB with the file://"
        " twins"
    )
