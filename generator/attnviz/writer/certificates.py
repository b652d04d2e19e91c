"""Certificates: the stored attention, read back from its shards, against the model's own.

Documents of at most `EAGER_ROWS` tokens are measured on every row against the model's own eager
attention, which is a matrix of tokens × tokens per head. For longer ones that is not made: they are
measured, a block of rows at a time, against attention by the score rule from the captured queries
and keys, in float32, which the self-check ties to eager attention; all their rows, or, beyond
`ALL_ROWS`, a sample. So is every document of a model that runs in half precision, whose eager
attention is itself rounded to 8 or 11 bits. Where no model is here, all documents are measured
against what was captured, or given, of it. Their certificates say so.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch

from attnviz.capture.calls import CapturedBatch
from attnviz.capture.eager import visit_eager_attention
from attnviz.capture.result import Capture, Layer, LayerDocument
from attnviz.capture.runner import model_inputs
from attnviz.encoding import Errors
from attnviz.errors import InputError
from attnviz.format.manifest import Certificate
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.reader.decode import AttentionTable, decode_head
from attnviz.sampling import ALL_ROWS, measured_rows
from attnviz.score import Array, Intervals, ScoreRule
from attnviz.writer.encoding_choice import errors_of, together

EAGER_ROWS: Final = 512
EAGER = "eager-float32"
CAPTURED = "captured-float32"
GIVEN = "given"


@dataclass(frozen=True)
class Stored:
    """A layer's open shards of one batch, and its encodings by group (outer) and kv head (inner);
    `groups` (documents,) are the documents' groups, None for those that are not stored."""

    layer: Layer
    rule: ScoreRule
    tables: list[AttentionTable]
    chosen: Sequence[Sequence[str]]
    groups: Sequence[int | None]

    def has(self, document: int) -> bool:
        """Whether a document is stored."""
        return self.groups[document] is not None

    def places(self, documents: Sequence[int], among: Collection[int]) -> list[int]:
        """Those of these places in a batch of documents at which one is stored."""
        return [place for place in among if self.has(documents[place])]

    def decode(self, document: int, intervals: Intervals, rows: slice = slice(None)) -> Array:
        """Attention (heads, rows, K), float64, as a reader would see it."""
        encodings, layer = self.chosen[self.groups[document] or 0], self.layer
        heads = []
        for head in range(layer.heads):
            kv_head = head // layer.group
            bias = None if layer.bias is None else layer.bias.heads(slice(head, head + 1))
            heads.append(
                decode_head(
                    self.tables,
                    encodings[kv_head],
                    head=layer.numbers[head],
                    kv_head=layer.kv_numbers[kv_head],
                    document=document,
                    rule=self.rule,
                    intervals=intervals,
                    bias=bias,
                    rows=rows,
                )
            )
        return np.stack(heads)


def is_long(batch: CapturedBatch) -> bool:
    """Whether a batch's documents are measured on samples."""
    return _longest(batch) > ALL_ROWS


def by_eager(loaded: LoadedModel, batch: CapturedBatch) -> bool:
    """Whether a batch is measured against eager attention, and not against the captured queries and
    keys."""
    return _longest(batch) <= EAGER_ROWS and is_exact(loaded)


def is_exact(loaded: LoadedModel) -> bool:
    """Whether a model runs in full precision."""
    return loaded.model.dtype in (torch.float32, torch.float64)


def _longest(batch: CapturedBatch) -> int:
    return max(max(lengths) for lengths in batch.batch.lengths.values())


def measure_by_eager(
    loaded: LoadedModel,
    family: Family,
    captured: CapturedBatch,
    prepared: Sequence[ModelInput | None],
    stored: Mapping[int, Stored],
    places: Collection[int],
    numbers: Sequence[int],
) -> dict[int, Errors]:
    """Errors of every head, by call, on the documents at these places of one batch, against the
    model's own eager attention; `numbers` are the documents' in the corpus."""
    calls = captured.calls()
    index = {(call.module, call.module_call): number for number, call in enumerate(calls)}
    errors = {number: Errors.none(layer.layer.heads) for number, layer in stored.items()}
    documents = captured.batch.documents
    places = sorted({p for layer in stored.values() for p in layer.places(documents, places)})

    def visit(path: str, count: int, weights: Any) -> None:
        number = index[path, count]
        if number not in stored:
            return
        eager = weights[:, stored[number].layer.selected].detach().float().cpu().numpy()
        allowed = captured.intervals(calls[number])
        for row in places:
            document, intervals = documents[row], allowed[row]
            truth = eager[row, :, : len(intervals.lo), : intervals.keys]  # (head, query, key)
            refuse_nan(loaded.name, stored[number].layer, numbers[row], truth[:, intervals.defined])
            of_document = Errors.none(len(truth))
            for rows in intervals.blocks(len(truth)):
                decoded = stored[number].decode(document, intervals, rows)
                of_document.add(truth[:, rows], decoded, intervals.rows(rows).defined)
            errors[number].merge(of_document)

    if not places:
        return errors
    inputs = model_inputs(loaded, family, captured.batch, prepared)
    visit_eager_attention(loaded, family, captured.batch, inputs, calls=calls, visit=visit)
    return errors


def measure_by_capture(
    model: str,
    captured: Capture,
    batch: CapturedBatch,
    stored: Stored,
    places: Collection[int],
    numbers: Sequence[int],
) -> Errors:
    """Errors of a layer's heads on the documents at these places of a batch, on all or sampled
    rows, against captured queries and keys; `numbers` are the documents' in the corpus."""
    errors = Errors.none(stored.layer.heads)
    places = stored.places(batch.batch.documents, places)
    for document in captured.batch_documents(stored.layer, batch, places):
        blocks = measured_rows(document.intervals, stored.layer.heads)
        number = numbers[document.document]
        of_blocks = [_errors(model, stored, document, rows, number) for rows in blocks]
        errors.merge(together(of_blocks, document.intervals))
    return errors


def _errors(
    model: str, stored: Stored, document: LayerDocument, rows: slice, number: int
) -> Errors:
    """Those of a block of a document's rows; `number` is the document's in the corpus."""
    visible, truth = document.intervals.rows(rows), document.attention(rows)
    refuse_nan(model, stored.layer, number, truth[:, visible.defined])
    decoded = stored.decode(document.document, document.intervals, rows)
    return errors_of(truth, decoded, visible.defined)


def refuse_nan(model: str, layer: Layer, document: int, truth: Array) -> None:
    finite = np.isfinite(truth).all((-1, -2))
    if not finite.all():
        head = layer.numbers[int(np.flatnonzero(~finite)[0])]
        raise InputError(
            f"model {model}: attention is not a number in {layer.stack}"
            f" L{layer.layer}H{head}, document {document}; the model's weights or the input"
            " overflow: look at that document, or leave it out"
        )


def certificates(
    errors: Errors, references: Sequence[str], sampled: bool, quantization: str | None = None
) -> list[Certificate]:
    """One certificate per head; `quantization` is the method by which the model's weights are
    quantised."""
    rows = np.maximum(errors.all_rows, 1)

    def error(variance: Array, head: int) -> float | None:
        return float(np.sqrt(variance[head])) if sampled else None

    return [
        Certificate(
            total_variation=float(errors.total_variation[head] / rows[head]),
            total_variation_standard_error=error(errors.variation_variance / rows**2, head),
            worst_total_variation=float(errors.worst[head]),
            worst_total_variation_standard_error=error(errors.worst_variance, head),
            max_error=float(errors.max_error[head]),
            top1=float(errors.top1[head] / rows[head]),
            top1_standard_error=error(errors.top1_variance / rows**2, head),
            rows=int(errors.rows[head]),
            sampled=sampled,
            reference=", ".join(references),
            quantization=quantization,
        )
        for head in range(len(rows))
    ]


def refuse_over_bound(
    layer: Layer, issued: Sequence[Certificate], bounds: tuple[float, float], model: str
) -> None:
    """Raises InputError, naming every head, if a certificate is over the corpus's bounds on total
    variation and largest error."""
    over = [
        f"model {model}, {layer.stack} L{layer.layer}H{head}: total variation"
        f" {certificate.total_variation:.2g} (bound {bounds[0]:g}), largest error"
        f" {certificate.max_error:.2g} (bound {bounds[1]:g}); set fidelity higher, or report this:"
        " it should not happen"
        for head, certificate in zip(layer.numbers, issued, strict=True)
        if certificate.total_variation > bounds[0] or certificate.max_error > bounds[1]
    ]
    if over:
        raise InputError(over)
