"""A model's attention stored and certified, batch by batch, and put together layer by layer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.capture.batch_capture import BatchInputs
from attnviz.capture.batch_work import batch_seconds
from attnviz.capture.batches import Batch
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.config import Config
from attnviz.documents import Groups
from attnviz.encoding import Errors
from attnviz.engine.engine import Engine
from attnviz.engine.step import Call
from attnviz.format.manifest import Certificate, Shard
from attnviz.writer import certificates as certify
from attnviz.writer.batch_certificates import StoredBatch, measure_batch, measure_captured_batch
from attnviz.writer.batch_codes import encode_batch
from attnviz.writer.batch_encodings import ErrorSums
from attnviz.writer.layer_attention import BatchShards, put_together
from attnviz.writer.model_encodings import OF_ENTRY, OF_TOKEN, choose_encodings


@dataclass(frozen=True)
class LayerAttention:
    """A layer's shards by id, the folder that holds them, and its encodings by document group
    (outer) and kv head (inner)."""

    folder: Path
    shards: dict[str, Shard]
    encodings: list[list[str]]


@dataclass(frozen=True)
class StoredAttention:
    """A model's attention as it is stored: by layer, and by batch."""

    layers: list[LayerAttention]
    batches: list[StoredBatch]


def encode_layers(
    corpus: ModelCorpus,
    captured: Capture,
    groups: Groups,
    kept: frozenset[int] | None,
    config: Config,
    engine: Engine,
) -> StoredAttention:
    """Attention of the documents that are `kept`, None for all, in the smallest encodings within
    the bounds. Raises InputError if nothing is within them."""
    chosen = choose_encodings(corpus, captured, groups, kept, _bounds(config), engine)
    calls = [
        encode_batch.of(alone, of_batch.groups, chosen.of_batch(of_batch), corpus.name)
        for alone, of_batch in zip(captured.alone, chosen.batches, strict=True)
    ]
    seconds = batch_seconds(captured, OF_TOKEN, OF_ENTRY, kept)
    batches = [
        StoredBatch(
            alone, piece.folder, piece.value, chosen.encodings_of_batch(of_batch), of_batch.groups
        )
        for alone, piece, of_batch in zip(
            captured.alone,
            engine.fan_out(f"encode {corpus.name}", calls, seconds),
            chosen.batches,
            strict=True,
        )
    ]
    calls_of_layers = [
        put_together.of(layer, _of_layer(batches, captured, number), corpus.name)
        for number, layer in enumerate(captured.layers)
    ]
    pieces = engine.each(f"shards of {corpus.name}", calls_of_layers, [1.0] * len(calls_of_layers))
    layers = [
        LayerAttention(piece.folder, piece.value, encodings)
        for piece, encodings in zip(pieces, chosen.encodings, strict=True)
    ]
    return StoredAttention(layers, batches)


def _of_layer(batches: Sequence[StoredBatch], captured: Capture, number: int) -> list[BatchShards]:
    """What is stored of one layer, batch by batch."""
    return [
        BatchShards(batch.folder, batch.shards[number], with_numbers.batch.documents)
        for batch, with_numbers in zip(batches, captured.batches, strict=True)
    ]


def certify_layers(
    corpus: ModelCorpus,
    captured: Capture,
    stored: StoredAttention,
    config: Config,
    engine: Engine,
) -> list[list[Certificate]]:
    """Certificates of every head, by layer, from the codes of all batches as they are read. Raises
    InputError if one is over the bound."""
    calls = [
        _measured(corpus, batch, numbered.batch, config)
        for batch, numbered in zip(stored.batches, captured.batches, strict=True)
    ]
    totals = [Errors.none(layer.heads) for layer in captured.layers]
    for piece in engine.each(f"certify {corpus.name}", calls, _sizes(captured)):
        for total, errors in zip(totals, piece.value, strict=True):
            total.merge(errors.errors())
    references = _references(corpus, captured)
    sampled = any(certify.is_long(batch) for batch in captured.batches)
    certificates = []
    for layer, total in zip(captured.layers, totals, strict=True):
        of_heads = certify.certificates(total, references, sampled, corpus.about.quantization)
        certify.refuse_over_bound(layer, of_heads, _bounds(config), corpus.name)
        certificates.append(of_heads)
    return certificates


def _measured(
    corpus: ModelCorpus, batch: StoredBatch, numbered: Batch, config: Config
) -> Call[list[ErrorSums]]:
    """The step that measures a batch: against the model, or what was captured where it is not
    here. `numbered` has the numbers of its documents in the corpus."""
    inputs = BatchInputs(corpus.members(numbered), numbered.documents)
    if corpus.running is None:
        return measure_captured_batch.of(corpus.name, batch, inputs)
    return measure_batch.of(
        corpus.running, corpus.family, batch, inputs, _bounds(config), config.seed
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


def _sizes(captured: Capture) -> list[float]:
    """Each batch's share of the work."""
    return [float(batch.batch.tokens) for batch in captured.batches]
