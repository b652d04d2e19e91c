"""The self-check: on a short padded batch, recomputed attention against the model's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch

from attnviz.capture.batches import Batch, fixed_shapes, make_batch
from attnviz.capture.calls import DENSE, Recorded
from attnviz.capture.eager import visit_eager_attention
from attnviz.capture.finite import refuse_unfinite
from attnviz.capture.runner import (
    failing,
    forward,
    model_inputs,
    record_batch,
    recorder_of,
    uncaptured,
)
from attnviz.errors import InputError
from attnviz.modalities import Family, ModelInput
from attnviz.models import LoadedModel
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
    """Largest absolute difference of recomputed from the model's own attention, and the rows
    compared."""

    max_error: float
    rows: int


@dataclass(frozen=True)
class Examination:
    """A self-check with what it looked at: the batch and its calls, the error of each call (NaN
    where the model gives no weights to compare with), what could not be captured, and what is not
    as the model computes it."""

    result: SelfCheckResult
    batch: Batch
    recorded: Recorded
    errors: list[float]
    uncaptured: list[str]
    problems: list[str]


def self_check(
    loaded: LoadedModel, family: Family, prepared: Sequence[ModelInput | None]
) -> SelfCheckResult:
    """Compare every row of every layer on two short documents of different lengths, so that one is
    padded.

    Raises InputError that names the modules that could not be captured, or whose attention is not
    what the rule says.
    """
    checked = examine(loaded, family, prepared)
    if checked.uncaptured or not checked.errors:
        raise uncaptured(loaded, checked.uncaptured)
    if checked.problems:
        head = (
            f"model {loaded.name}: the self-check failed, so nothing of {loaded.architecture} is"
            " shown:"
        )
        raise InputError(
            "\n".join([head, *(f"  {reason}" for reason in dict.fromkeys(checked.problems))])
        )
    return checked.result


def examine(
    loaded: LoadedModel, family: Family, prepared: Sequence[ModelInput | None]
) -> Examination:
    """The self-check's figures, call by call.

    In half precision two passes drift apart from layer to layer, as their outputs are rounded
    differently; there the model's own attention is compared with that of the queries and keys of
    the same pass.
    """
    numbers, members = _short(family, prepared)
    batch = make_batch(tuple(range(len(members))), members)
    inputs = model_inputs(loaded, family, batch, members)
    _try(loaded, inputs)
    recorded = record_batch(loaded, family, batch, members)
    refuse_unfinite(loaded, recorded, batch, numbers)
    again = None if loaded.model.dtype in EXACT else recorder_of(loaded, family, batch)
    errors = [float("nan")] * len(recorded.calls)
    rows = 0

    def visit(path: str, count: int, weights: Any) -> None:
        nonlocal rows
        number = recorded.number(path, count)
        own = recorded if again is None or recorded.calls[number].line == DENSE else again.recorded
        truth = weights.detach().float().cpu().numpy()
        errors[number], compared = _compare(own, own.number(path, count), batch, truth)
        rows += compared

    eager = visit_eager_attention(loaded, family, batch, inputs, recorded.calls, visit, again)
    problems = _problems(loaded, recorded, errors, _output_error(recorded.output, eager, batch))
    return Examination(
        SelfCheckResult(max(errors, default=0), rows),
        batch,
        recorded,
        errors,
        recorded.problems,
        problems,
    )


def _try(loaded: LoadedModel, inputs: Mapping[str, torch.Tensor]) -> None:
    """One pass with nothing of ours in it: whatever the model raises now, such as for an input it
    lacks, is its own."""
    try:
        forward(loaded, inputs)
    except (TypeError, LookupError, AttributeError, AssertionError) as error:
        raise failing(loaded, inputs, error) from error


def _short(
    family: Family, prepared: Sequence[ModelInput | None]
) -> tuple[list[int], list[ModelInput]]:
    """Two short documents that can run together, by number, or one. A text serves twice: its first
    48 tokens, and two thirds of them."""
    taken = {number: own for number, own in enumerate(prepared) if own is not None}
    if family.name != "text":
        first, *others = sorted(
            taken, key=lambda number: max(map(len, taken[number].axes.values()))
        )
        alike = [
            number for number in others if fixed_shapes(taken[number]) == fixed_shapes(taken[first])
        ]
        return [first, *alike[:1]], [taken[number] for number in (first, *alike[:1])]
    number = min(taken, key=lambda number: abs(len(taken[number].axes["text"]) - _LENGTH))
    nearest = taken[number]
    longest = min(len(nearest.axes["text"]), _LENGTH)
    return [number] * 2, [
        _beginning(nearest, longest),
        _beginning(nearest, max(1, longest * 2 // 3)),
    ]


def _beginning(own: ModelInput, length: int) -> ModelInput:
    arrays = {name: array[:length] for name, array in own.arrays.items()}
    return ModelInput({"text": own.axes["text"][:length]}, arrays)


def _compare(recorded: Recorded, number: int, batch: Batch, weights: Array) -> tuple[float, int]:
    """Largest error and rows of one call; weights are (batch, heads, longest, longest)."""
    call = recorded.calls[number]
    worst, rows = 0.0, 0
    sinks = None if call.sinks is None else np.asarray(call.sinks, np.float32)
    rule = ScoreRule(call.scaling, Mask("intervals"), call.softcap, call.bias_kind)
    places = zip(batch.slices(call.query_axis), batch.slices(call.key_axis), strict=True)
    own_intervals = recorded.intervals(call.mask, batch, call.place)
    for row, ((at, to), intervals) in enumerate(zip(places, own_intervals, strict=True)):
        truth = weights[row, :, : len(intervals.lo), : intervals.keys]
        if call.vectors:
            q, k = recorded.arrays[f"q{number}"][:, at], recorded.arrays[f"k{number}"][:, to]
            ours = attention(q, k, rule, intervals, sinks=sinks, bias=recorded.bias(call))
        else:
            ours = recorded.arrays[f"a{number}-{row}"]
        difference = np.abs(ours - truth)[:, intervals.defined]
        if difference.size:
            worst = max(
                worst, float(difference.max()) if np.isfinite(difference).all() else float("inf")
            )
        rows += difference.shape[0] * difference.shape[1]
    return worst, rows


def _output_error(ours: Any, eager: Any, batch: Batch) -> float:
    """Largest difference of the model's output under capture, relative to its own size; padding
    does not count."""
    worst = 0.0
    lengths = next((own for own in batch.lengths.values() if max(own) == ours[0].shape[1]), None)
    for row in range(len(batch.documents)):
        own = slice(None) if lengths is None else slice(lengths[row])
        a, b = ours[0][row, own].float(), eager[0][row, own].float()
        worst = max(worst, float((a - b).abs().max() / b.abs().max().clamp(min=1)))
    return worst


def _problems(
    loaded: LoadedModel, recorded: Recorded, errors: list[float], output: float
) -> list[str]:
    tolerance = TOLERANCE[loaded.model.dtype]
    found = []
    for call, error in zip(recorded.calls, errors, strict=True):
        if np.isnan(error):
            found.append(f"{call.module}: gave no weights of its own to compare with")
        elif error > tolerance:
            found.append(
                f"{call.module}: recomputed attention differs from the model's own by {error:.2g}"
            )
    if not output <= 10 * tolerance:
        found.append(f"the model's output changes by {output:.2g} under capture")
    return found
