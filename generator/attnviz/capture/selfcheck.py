"""The self-check: recomputed attention against the model's own, on a short padded batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch

from attnviz.capture.batches import Batch, by_axes, fixed_shapes, make_batch
from attnviz.capture.calls import DENSE, Recorded
from attnviz.capture.eager import visit_eager_attention
from attnviz.capture.finite import refuse_unfinite
from attnviz.capture.foreseen import WholeAttention, whole_attention
from attnviz.capture.runner import (
    failing,
    last_states,
    model_inputs,
    record_batch,
    recorder_of,
    run_pass,
    uncaptured,
)
from attnviz.capture.unneeded import refuse_needed
from attnviz.engine.step import step
from attnviz.errors import InputError
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.changes import Changes
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array, Mask, ScoreRule, attention

# float32 on 129 architectures: at most 2.5e-5 (MobileBERT), most below 1e-6; a wrong rule is off by
# 1e-3 or more. Half precision: the model itself rounds its attention to 8 or 11 bits.
TOLERANCE: Final = {
    torch.float32: 1e-4,
    torch.float64: 1e-6,
    torch.bfloat16: 1e-1,
    torch.float16: 1e-2,
}
EXACT: Final = (torch.float32, torch.float64)
_LENGTH: Final = 48


@dataclass(frozen=True)
class SelfCheckResult:
    """Largest absolute difference of recomputed attention from the model's own, the number of rows
    compared, and the calls whose attention is kept whole."""

    max_error: float
    rows: int
    whole: list[WholeAttention]


@dataclass(frozen=True, kw_only=True)
class Examination:
    """A self-check in full: the batch, what was recorded of it, and the error of each call."""

    result: SelfCheckResult
    batch: Batch
    recorded: Recorded
    errors: list[float]  # per call; NaN where the model has no weights to compare with
    problems: list[str]  # what differs from the model's own attention or output

    @property
    def uncaptured(self) -> list[str]:
        """Modules that could not be captured, and why."""
        return self.recorded.problems


@dataclass(frozen=True)
class Numbers:
    """The numbers of documents in the corpus: for messages, and no part of a key."""

    documents: tuple[int, ...] = field(default=(), compare=False)

    def of(self, number: int) -> int:
        """The number in the corpus of a document among those to check."""
        return self.documents[number] if self.documents else number


def to_check(
    family: Family, prepared: Sequence[ModelInput | None]
) -> tuple[list[ModelInput], Numbers]:
    """The documents of a corpus that the self-check would take, so that others are no part of its
    key."""
    numbers = {number for kind in by_axes(prepared) for number in _short(family, kind)[0]}
    pairs = [(number, prepared[number]) for number in sorted(numbers)]
    members = [document for _, document in pairs if document is not None]
    return members, Numbers(tuple(number for number, _ in pairs))


@step("self-check")
def self_check(
    loaded: LoadedModel,
    family: Family,
    prepared: Sequence[ModelInput | None],
    corpus: Numbers = Numbers(),
) -> SelfCheckResult:
    """Compare every row of every layer on two short documents of each kind.

    They differ in length where that is possible, so that one is padded. `corpus` are the documents'
    numbers in it, where they are not those here. Raises InputError that names the modules that
    could not be captured, or whose attention is not that of their rule.
    """
    examined = [examine(loaded, family, documents, corpus) for documents in by_axes(prepared)]
    for checked in examined:
        if checked.uncaptured or not checked.errors:
            raise uncaptured(loaded, checked.uncaptured)
        if checked.problems:
            head = (
                f"model {loaded.name}: the self-check failed, so nothing of {loaded.architecture}"
                " is shown:"
            )
            raise InputError(
                "\n".join([head, *(f"  {reason}" for reason in dict.fromkeys(checked.problems))])
            )
    results = [checked.result for checked in examined]
    return SelfCheckResult(
        max_error=max(result.max_error for result in results),
        rows=sum(result.rows for result in results),
        whole=max((result.whole for result in results), key=len),
    )


def examine(
    loaded: LoadedModel,
    family: Family,
    prepared: Sequence[ModelInput | None],
    corpus: Numbers = Numbers(),
) -> Examination:
    """The self-check's figures, call by call, on documents of one kind.

    In half precision two passes drift apart from layer to layer, as their outputs are rounded
    differently. There the eager pass is recorded too, and its attention is compared with that of
    its own queries and keys.
    """
    numbers, members = _short(family, prepared)
    batch = make_batch(tuple(range(len(members))), members, family.lengths)
    inputs = model_inputs(loaded, family, batch, members)
    changes = _try(loaded, inputs)
    refuse_needed(loaded, family, batch, members)
    recorded = record_batch(loaded, family, batch, members)
    recorded.note_changes(changes)
    refuse_unfinite(loaded, recorded, batch, [corpus.of(number) for number in numbers])
    again = None if loaded.model.dtype in EXACT else recorder_of(loaded, family, batch)
    errors = [float("nan")] * len(recorded.calls)
    rows = 0

    def visit(path: str, module_call: int, weights: Any) -> None:
        nonlocal rows
        number = recorded.number(path, module_call)
        # Weights that a module returns are read in a pass by themselves, so they are not recorded
        # again.
        compared = recorded
        if again is not None and recorded.calls[number].line != DENSE:
            compared = again.recorded
        truth = weights.detach().float().cpu().numpy()
        errors[number], count = _compare(compared, compared.number(path, module_call), batch, truth)
        rows += count

    eager = visit_eager_attention(
        loaded, family, batch, inputs, calls=recorded.calls, visit=visit, recorder=again
    )
    return Examination(
        result=SelfCheckResult(max(errors, default=0), rows, whole_attention(recorded.calls)),
        batch=batch,
        recorded=recorded,
        errors=errors,
        problems=_problems(loaded, recorded, errors, _output_error(recorded.output, eager, batch)),
    )


def _try(loaded: LoadedModel, inputs: Mapping[str, torch.Tensor]) -> Changes:
    """One pass without capture: what the model raises now, such as for a missing input, is an
    error of the model. Returns what it changed of the model. Raises InputError."""
    try:
        return run_pass(loaded, inputs).changes
    except (InputError, torch.OutOfMemoryError, MemoryError):
        raise
    except Exception as error:  # whatever a model's code may raise
        raise failing(loaded, inputs, error) from error


def _short(
    family: Family, prepared: Sequence[ModelInput | None]
) -> tuple[list[int], list[ModelInput]]:
    """One or two short documents that can run together, with their numbers in the corpus.

    A text runs twice: its first 48 tokens, and two thirds of them.
    """
    documents = {
        number: document for number, document in enumerate(prepared) if document is not None
    }
    if not family.reads_one_text:
        first, *others = sorted(
            documents, key=lambda number: max(map(len, documents[number].axes.values()))
        )
        shapes = fixed_shapes(documents[first])
        alike = [number for number in others if fixed_shapes(documents[number]) == shapes]
        numbers = [first, *alike[:1]]
        return numbers, [documents[number] for number in numbers]
    number = min(documents, key=lambda number: abs(len(documents[number].axes["text"]) - _LENGTH))
    nearest = documents[number]
    longest = min(len(nearest.axes["text"]), _LENGTH)
    return [number] * 2, [
        _beginning(nearest, longest),
        _beginning(nearest, max(1, longest * 2 // 3)),
    ]


def _beginning(text: ModelInput, length: int) -> ModelInput:
    """The first tokens of a text."""
    arrays = {name: array[:length] for name, array in text.arrays.items()}
    return ModelInput({"text": text.axes["text"][:length]}, arrays)


def _compare(recorded: Recorded, number: int, batch: Batch, weights: Array) -> tuple[float, int]:
    """Largest error and number of rows, over heads, of one call.

    Weights are (batch, heads, T, K), padding included.
    """
    call = recorded.calls[number]
    worst, rows = 0.0, 0
    sinks = None if call.sinks is None else np.asarray(call.sinks, np.float32)
    rule = ScoreRule(call.scaling, Mask("intervals"), call.softcap, call.bias_kind)
    tokens = zip(batch.slices(call.query_axis), batch.slices(call.key_axis), strict=True)
    documents = recorded.intervals(call.mask, batch, call.place)
    for row, ((queries, keys), intervals) in enumerate(zip(tokens, documents, strict=True)):
        truth = weights[row, :, : len(intervals.lo), : intervals.keys]  # (head, query, key)
        if call.vectors:
            q = recorded.arrays[f"q{number}"][:, queries]
            k = recorded.arrays[f"k{number}"][:, keys]
            ours = attention(q, k, rule, intervals, sinks=sinks, bias=recorded.bias(call))
        else:
            ours = recorded.arrays[f"a{number}-{row}"]
        difference = np.abs(ours - truth)[:, intervals.defined]
        if difference.size:
            finite = np.isfinite(difference).all()
            worst = max(worst, float(difference.max()) if finite else float("inf"))
        rows += difference.shape[0] * difference.shape[1]
    return worst, rows


def _output_error(ours: Any, eager: Any, batch: Batch) -> float:
    """Largest difference of the model's output under capture from that by eager attention.

    It is relative to the largest entry, and padding does not count.
    """
    worst = 0.0
    for a, b in zip(last_states(ours, batch), last_states(eager, batch), strict=True):
        worst = max(worst, float((a - b).abs().max() / b.abs().max().clamp(min=1)))
    return worst


def _problems(
    loaded: LoadedModel, recorded: Recorded, errors: list[float], output: float
) -> list[str]:
    """What differs by more than the tolerance, by module."""
    tolerance = TOLERANCE[loaded.model.dtype]
    problems = []
    for call, error in zip(recorded.calls, errors, strict=True):
        if np.isnan(error):
            problems.append(f"{call.module}: gave no weights of its own to compare with")
        elif error > tolerance:
            problems.append(
                f"{call.module}: recomputed attention differs from the model's own by {error:.2g}"
            )
    if not output <= 10 * tolerance:
        problems.append(f"the model's output changes by {output:.2g} under capture")
    return problems
