"""Certificates: the stored attention, read back from its shards, against the model's own eager attention."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from attnviz.capture import CapturedBatch, Layer, model_inputs, visit_eager_attention
from attnviz.documents import Tokens
from attnviz.encoding import Errors
from attnviz.errors import InputError
from attnviz.models import LoadedModel
from attnviz.report.attention import AttentionTable, decode_head
from attnviz.report.schema import Certificate
from attnviz.score import Array, ScoreRule

# For each layer: its rule, its open shards and the encoding of each document group (outer) and kv head (inner).
Stored = tuple[ScoreRule, list[AttentionTable], list[list[str]]]


def measure_batch(
    loaded: LoadedModel,
    captured: CapturedBatch,
    tokens: Sequence[Tokens],
    layers: Sequence[Layer],
    stored: Mapping[int, Stored],
    groups: Array,
) -> dict[int, Errors]:
    """Errors of every head of every layer (by call) on the documents of one batch."""
    batch = captured.batch
    errors = {layer.call: Errors.none(layer.heads) for layer in layers}
    by_call = {(layer.module, layer.module_call): layer for layer in layers}
    calls = captured.calls()

    def visit(path: str, count: int, weights: Any) -> None:
        layer = by_call[path, count]
        eager = weights.detach().float().cpu().numpy()
        intervals = captured.intervals(calls[layer.call].mask)
        for row, (document, own) in enumerate(zip(batch.documents, intervals, strict=True)):
            truth = eager[row, :, : own.keys, : own.keys]
            _refuse_nan(loaded, layer, document, truth[:, own.defined])
            rule, tables, chosen = stored[layer.call]
            encodings = chosen[groups[document]]
            decoded = np.stack(
                [
                    decode_head(tables, encodings[h // layer.group], h, h // layer.group, document, rule, own)
                    for h in range(layer.heads)
                ]
            )
            errors[layer.call].add(truth, decoded, own.defined)

    modules = dict(loaded.model.named_modules())
    watched = {layer.module: modules[layer.module] for layer in layers}
    visit_eager_attention(loaded.model, model_inputs(loaded, batch, tokens), watched, visit)
    return errors


def _refuse_nan(loaded: LoadedModel, layer: Layer, document: int, truth: Array) -> None:
    finite = np.isfinite(truth).all((-1, -2))
    if not finite.all():
        head = int(np.flatnonzero(~finite)[0])
        raise InputError(
            f"model {loaded.name}: attention is not a number in {layer.stack} L{layer.layer}H{head}, "
            f"document {document}; the model's weights or the input overflow: look at that document, or leave it out"
        )


def merge(parts: Sequence[Errors]) -> Errors:
    """The errors of several batches together."""
    total = Errors.none(len(parts[0].rows))
    for part in parts:
        total.total_variation = total.total_variation + part.total_variation
        total.worst = np.maximum(total.worst, part.worst)
        total.max_error = np.maximum(total.max_error, part.max_error)
        total.top1 = total.top1 + part.top1
        total.rows = total.rows + part.rows
    return total


def certificates(errors: Errors) -> list[Certificate]:
    """One certificate a head."""
    rows = np.maximum(errors.rows, 1)
    return [
        Certificate(
            total_variation=float(errors.total_variation[head] / rows[head]),
            worst_total_variation=float(errors.worst[head]),
            max_error=float(errors.max_error[head]),
            top1=float(errors.top1[head] / rows[head]),
            rows=int(errors.rows[head]),
            sampled=False,
            reference="eager-float32",
        )
        for head in range(len(rows))
    ]


def refuse_over_bound(layer: Layer, own: Sequence[Certificate], bounds: tuple[float, float], model: str) -> None:
    """A head over the corpus's bound is an error, not a footnote."""
    over = [
        f"model {model}, {layer.stack} L{layer.layer}H{head}: total variation {c.total_variation:.2g} "
        f"(bound {bounds[0]:g}), largest error {c.max_error:.2g} (bound {bounds[1]:g}); "
        "set fidelity higher, or report this: it should not happen"
        for head, c in enumerate(own)
        if c.total_variation > bounds[0] or c.max_error > bounds[1]
    ]
    if over:
        raise InputError(over)
