"""A model's attention stored, layer by layer, and certified, batch by batch."""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.capture.calls import CapturedBatch
from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.config import Config
from attnviz.documents import Groups
from attnviz.encoding import Errors
from attnviz.engine.engine import Engine
from attnviz.engine.step import Call
from attnviz.format.manifest import Certificate
from attnviz.writer import certificates as certify
from attnviz.writer.batch_certificates import (
    ErrorSums,
    StoredLayer,
    measure_batch,
    measure_captured_batch,
)
from attnviz.writer.layer_attention import encode_layer


def encode_layers(
    corpus: ModelCorpus,
    captured: Capture,
    groups: Groups,
    kept: frozenset[int] | None,
    config: Config,
    engine: Engine,
) -> list[StoredLayer]:
    """Attention shards of every layer, of the documents that are `kept`, None for all. Raises
    InputError if nothing is within the bounds."""
    layers = captured_layers(captured)
    calls = [
        encode_layer.of(
            layer, groups.member, groups.with_vectors, _bounds(config), corpus.name, kept
        )
        for layer in layers
    ]
    pieces = engine.each(f"encode {corpus.name}", calls, [1.0] * len(calls))
    return [
        StoredLayer(
            captured=layer,
            folder=piece.folder,
            shards=piece.value.shards,
            encodings=piece.value.encodings,
            groups=groups.member,
            kept=kept,
        )
        for layer, piece in zip(layers, pieces, strict=True)
    ]


def certify_layers(
    corpus: ModelCorpus,
    captured: Capture,
    layers: Sequence[StoredLayer],
    config: Config,
    engine: Engine,
) -> list[list[Certificate]]:
    """Certificates of every head, by layer, from the shards as they will be read. Raises InputError
    if one is over the bound."""
    calls = [_measured(corpus, batch, layers, config) for batch in captured.batches]
    sizes = [float(batch.batch.tokens) for batch in captured.batches]
    totals = [Errors.none(layer.captured.layer.heads) for layer in layers]
    for piece in engine.each(f"certify {corpus.name}", calls, sizes):
        for total, errors in zip(totals, piece.value, strict=True):
            total.merge(errors.errors())
    references = _references(corpus, captured)
    sampled = any(certify.is_long(batch) for batch in captured.batches)
    certificates = []
    for layer, total in zip(layers, totals, strict=True):
        of_heads = certify.certificates(total, references, sampled, corpus.about.quantization)
        certify.refuse_over_bound(layer.captured.layer, of_heads, _bounds(config), corpus.name)
        certificates.append(of_heads)
    return certificates


def _measured(
    corpus: ModelCorpus, batch: CapturedBatch, layers: Sequence[StoredLayer], config: Config
) -> Call[list[ErrorSums]]:
    """The step that measures a batch: against the model, or what was captured where it is not
    here."""
    if corpus.running is None:
        return measure_captured_batch.of(corpus.name, batch, layers)
    return measure_batch.of(
        corpus.running,
        corpus.family,
        batch,
        corpus.members(batch.batch),
        layers,
        _bounds(config),
        config.seed,
    )


def _references(corpus: ModelCorpus, captured: Capture) -> list[str]:
    """What the stored attention is measured against, by name."""
    if corpus.running is None:
        return [certify.CAPTURED if corpus.about.attention_by is None else certify.GIVEN]
    eager = [certify.by_eager(corpus.running, batch) for batch in captured.batches]
    kinds = ((certify.EAGER, any(eager)), (certify.CAPTURED, not all(eager)))
    return [name for name, used in kinds if used]


def _bounds(config: Config) -> tuple[float, float]:
    return config.fidelity.total_variation, config.fidelity.max_error
