"""The corpus captured: the self-check, then every batch, each remembered by itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

import torch

from attnviz.capture.absences import absences, weighing_notices
from attnviz.capture.assembly import assemble
from attnviz.capture.batch_capture import BatchInputs, capture_batch
from attnviz.capture.batches import Batch, plan_batches
from attnviz.capture.before_rotary import capture_pre_rotary
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.foreseen import memory_in_words
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.out_of_memory import out_of_memory_in
from attnviz.capture.result import Capture, Layer
from attnviz.capture.selfcheck import SelfCheckResult, self_check, to_check
from attnviz.config import Config
from attnviz.documents.document import Notice
from attnviz.engine.engine import Engine
from attnviz.errors import InputError
from attnviz.models.state import in_words


class OtherPass(NamedTuple):
    """What was captured of a model that ran in another number type, and of which documents."""

    captured: Capture
    dtype: str
    documents: frozenset[int]


class CapturedModel(NamedTuple):
    """A model with its corpus, all that was captured of it, and how well that was checked; and of a
    model of a series another pass, where the corpus asks for one."""

    model: ModelCorpus
    captured: Capture
    checked: SelfCheckResult
    other_pass: OtherPass | None = None


def capture_corpus(
    corpus: ModelCorpus, config: Config, engine: Engine
) -> tuple[Capture, SelfCheckResult]:
    """All batches, after the self-check. Raises InputError if the model cannot be captured, is not
    what its rules say, or if the memory does not suffice."""
    checked = _check(corpus, engine)
    for remark in corpus.loaded.remarks:
        engine.note(remark)
    batches = plan_batches(corpus.inputs, config.batch_tokens, corpus.family.lengths)
    if work := memory_in_words(corpus.name, checked.whole, batches):
        engine.note(work)
    inputs = [BatchInputs(corpus.members(batch), batch.documents) for batch in batches]
    calls = [capture_batch.of(corpus.loaded, corpus.family, batch) for batch in inputs]
    sizes = [float(batch.tokens) for batch in batches]
    captured: list[CapturedBatch] = []
    put_back: set[str] = set()
    try:
        for piece in engine.each(f"capture {corpus.name}", calls, sizes):
            captured.append(CapturedBatch(batches[len(captured)], piece.folder))
            put_back.update(piece.value)
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _out_of_memory(corpus.name, batches[len(captured)], config.batch_tokens) from error
    spec = corpus.spec
    capture = assemble(captured, spec.layers, spec.heads, corpus.name)
    capture = replace(capture, put_back=tuple(sorted(put_back)))
    for notice in state_notices(corpus.name, capture.put_back):
        engine.note(notice.message)
    return capture, checked


def state_notices(model: str, put_back: Sequence[str]) -> list[Notice]:
    """What is to be said of a model that its own passes change; `put_back` are the paths of what
    they change."""
    if not put_back:
        return []
    message = (
        f"{model}: reading a document changes {in_words(put_back)} of the model; this is put back"
        " after each pass, so that every document is read as by the model just loaded"
    )
    return [Notice("state", message, None, model)]


def name_absences(
    corpus: ModelCorpus, captured: Capture, config: Config, engine: Engine
) -> ModelCorpus:
    """The corpus with notices of what is not shown of its model. Raises InputError if the corpus
    refuses what would only be a notice."""
    calls = {call for batch in captured.batches for call in batch.calls()}
    messages = [
        f"{corpus.name} is shown in part: {absence}"
        for absence in absences(corpus.loaded.model, calls)
    ]
    if messages and config.strict:
        raise InputError([*messages, "build without strict (or --strict) to accept this"])
    for message in messages:
        engine.note(message)
    notices = [Notice("left-out", message, None, corpus.name) for message in messages]
    if config.vectors and (message := _vectorless(corpus.name, captured)):
        notices.append(Notice("vectors", message, None, corpus.name))
        engine.note(message)
    if not config.probes and corpus.family.reads_one_text:
        notices.append(Notice("probes", _UNPROBED.format(corpus.name), None, corpus.name))
        engine.note(notices[-1].message)
    if any(layer.sinks is not None for layer in captured.layers):
        notices.append(Notice("sink", _SINKS.format(corpus.name), None, corpus.name))
        engine.note(notices[-1].message)
    weighing = weighing_notices(corpus.name, corpus.loaded.model.config)
    for notice in weighing:
        engine.note(notice.message)
    return replace(corpus, notices=[*corpus.notices, *notices, *weighing])


def _vectorless(model: str, captured: Capture) -> str:
    """Of which layers the queries and keys that the corpus asks for cannot be kept, and why; ''
    where all are known."""
    layers = [layer for layer in captured.layers if not layer.vectors]
    if not layers:
        return ""
    reasons = dict.fromkeys(layer.reason or "only attention is known" for layer in layers)
    names = ", ".join(f"{layer.stack} layer {layer.layer}" for layer in layers)
    return f"{model}: no queries and keys are kept of {names}: {'; '.join(reasons)}"


_UNPROBED: Final = (
    "{}: its heads were not tried on texts said twice: statistics of probes, and the labels"
    " Induction and Duplicate token, are left out; probes: true has them"
)
_SINKS: Final = (
    "{}: heads have learned sinks, so their rows of attention sum to less than 1: the rest goes to"
    " the sink, which is no token; the statistic “Sink” has its share of each head"
)


def _check(corpus: ModelCorpus, engine: Engine) -> SelfCheckResult:
    mend = "set dtype: bfloat16 or device_map: auto, or run it where there is more"
    with out_of_memory_in(corpus.name, "the self-check on two short documents", mend):
        documents, numbers = to_check(corpus.family, corpus.inputs)
        return engine.run(self_check.of(corpus.loaded, corpus.family, documents, numbers)).value


def _out_of_memory(model: str, batch: Batch, batch_tokens: int) -> InputError:
    count = len(batch.documents)
    return InputError(
        f"model {model}: out of memory in the batch of {count} document{'s' * (count > 1)}"
        f" that begins with document {batch.documents[0]} ({batch.tokens} tokens); batches"
        f" before it are kept: set batch_tokens below {batch_tokens}, dtype:"
        " bfloat16, or max_length, and run the same command again"
    )


def pre_rotary_folders(
    corpus: ModelCorpus, captured: Capture, rotary: str, engine: Engine
) -> tuple[Path, ...]:
    """For each batch the folder of its queries and keys before rotary embedding; () where maps are
    of those after it.

    Raises InputError if the model embeds none that attnviz sees.
    """
    if rotary == "after":
        return ()
    calls = [
        capture_pre_rotary.of(corpus.loaded, corpus.family, batch, corpus.members(batch.batch))
        for batch in captured.batches
    ]
    sizes = [float(batch.batch.tokens) for batch in captured.batches]
    pieces = engine.each(f"before rotary {corpus.name}", calls, sizes)
    folders = tuple(piece.folder for piece in pieces)
    if not any(is_pre_rotary(folders, captured, layer) for layer in captured.layers):
        raise InputError(
            f"maps.rotary: model {corpus.name}: {corpus.loaded.architecture} turns no queries and"
            " keys by rotary embedding in a way that attnviz can look behind; leave rotary out, or"
            " say after"
        )
    return folders


def is_pre_rotary(folders: Sequence[Path], captured: Capture, layer: Layer) -> bool:
    """Whether every batch that has the layer has its vectors from before."""
    numbers = [layer.number_in(batch) for batch in captured.batches]
    return bool(folders) and all(
        (folder / f"{side}{number}.npy").exists()
        for folder, number in zip(folders, numbers, strict=True)
        if number is not None
        for side in "qk"
    )
