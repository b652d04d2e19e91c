"""Capture: self-check, then every batch, remembered batch by batch."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import torch

from attnviz import capture, score
from attnviz.architectures import attention_windows, video_layout
from attnviz.capture import (
    Batch,
    Capture,
    CapturedBatch,
    SelfCheckResult,
    plan_batches,
    self_check,
    write_batch,
)
from attnviz.capture import assembly as capture_assembly
from attnviz.capture import batches as capture_batches
from attnviz.capture import calls as capture_calls
from attnviz.capture import eager as capture_eager
from attnviz.capture import interface as capture_interface
from attnviz.capture import masks as capture_masks
from attnviz.capture import multihead as capture_multihead
from attnviz.capture import recorder as capture_recorder
from attnviz.capture import returned as capture_returned
from attnviz.capture import rules as capture_rules
from attnviz.capture import runner as capture_runner
from attnviz.capture import selfcheck as capture_selfcheck
from attnviz.capture import tracer as capture_tracer
from attnviz.capture import windows as capture_windows
from attnviz.engine.cache import key_of
from attnviz.engine.environment import environment
from attnviz.errors import InputError
from attnviz.modalities import family
from attnviz.stages.work import Work


def run_capture(work: Work) -> tuple[Capture, SelfCheckResult, str]:
    """The capture, the self-check, and a key of all that was captured."""
    code = (
        capture_interface,
        capture_batches,
        capture_calls,
        capture_masks,
        capture_recorder,
        capture_returned,
        capture_rules,
        capture_runner,
        capture_tracer,
        capture_windows,
        capture_multihead,
        family,
        video_layout,
        attention_windows,
        score,
    )
    loaded = work.loaded
    model = [
        loaded.weights_sha256,
        loaded.architecture,
        loaded.dtype,
        loaded.model.config.to_dict(),
    ]
    base = key_of(_plain(model), environment(loaded.device.type), *code)
    batches = plan_batches(work.prepared, work.config.batch_tokens)
    keys = [key_of(base, _inputs(work, batch)) for batch in batches]

    def check() -> dict[str, float]:
        try:
            return asdict(self_check(loaded, work.family, work.prepared))
        except (torch.OutOfMemoryError, MemoryError) as error:
            raise InputError(
                f"model {work.name}: out of memory in the self-check on two short documents: set"
                " dtype: bfloat16 or device_map: auto, or run it where there is more"
            ) from error

    checked = work.cache.value("self-check", key_of(keys, capture_selfcheck, capture_eager), check)
    captured = []
    pairs = list(zip(batches, keys, strict=True))
    for batch, key in work.progress.steps(
        f"capture {work.name}", pairs, [float(b.tokens) for b in batches]
    ):

        def write(into: Path, batch: Batch = batch) -> None:
            _write(work, batch, into)

        captured.append(CapturedBatch(batch, work.cache.folder("capture", key, write)))
    assembled = capture.assemble(captured, work.spec.layers, work.spec.heads)
    return assembled, SelfCheckResult(**checked), key_of(keys, capture_assembly)


def _write(work: Work, batch: Batch, into: Path) -> None:
    try:
        write_batch(work.loaded, work.family, batch, work.prepared, into)
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise InputError(
            f"model {work.name}: out of memory in the batch of {len(batch.documents)} documents"
            f" that begins with document {batch.documents[0]} ({batch.tokens} tokens); batches"
            f" before it are kept: set batch_tokens below {work.config.batch_tokens}, dtype:"
            " bfloat16, or max_length, and run the same command again"
        ) from error


def _inputs(work: Work, batch: Batch) -> list[object]:
    """What a batch feeds to the model, as text for its key."""
    members = [work.prepared[document] for document in batch.documents]
    return [
        [(name, array.shape, array.tobytes().hex()) for name, array in sorted(own.arrays.items())]
        for own in members
        if own is not None
    ]


def _plain(value: object) -> object:
    """The value as JSON can have it."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value if isinstance(value, (str, int, float, bool, type(None))) else str(value)
