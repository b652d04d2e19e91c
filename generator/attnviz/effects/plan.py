"""How the effects of a model's heads are measured, found out on one document: what is read of its
output, and how much need not be computed anew. A step of the build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch

from attnviz.capture.calls import CallKey
from attnviz.effects.measured_model import MeasuredModel, MeasureName
from attnviz.effects.measures import Distributions
from attnviz.effects.passes import BLOCKS, NOTHING, PROJECTIONS, Passes, Trace
from attnviz.effects.reading import Reading, reading_of
from attnviz.engine.step import step
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.foreign import foreign_work
from attnviz.models.state import restored

EXACT: Final = 1e-5
"""The output of a model that is cut differs by no more, as a share of its largest number or of 1,
where it runs in float32; in fewer bits, by no more than a hundredth."""
_HALF: Final = 1e-2


@dataclass(frozen=True)
class EffectsPlan:
    """What is measured, of how many classes or tokens that may come (0: of hidden states); how much
    is not computed anew, and the largest error of an output by that; whether a pass changes the
    model, so that it has to be put back after each; and the calls whose heads are left out."""

    measure: MeasureName
    classes: int
    reuse: int
    error: float
    changes_itself: bool
    left_out: tuple[CallKey, ...]


@step("effects plan")
def plan_effects(
    model: MeasuredModel,
    family: Family,
    document: ModelInput,
    calls: Sequence[CallKey],
    seed: int,
) -> EffectsPlan:
    """Tries the model on one document."""
    failure = f"model {model.loaded.name}: the effects of its heads cannot be measured"
    with foreign_work(failure, "leave effects out"), torch.inference_mode():
        network = model.network
        reading = reading_of(model, family, network.measure, [document], seed)
        with restored(network.whole) as changes:
            passes = Passes(model, [call[0] for call in calls], NOTHING)
            with passes.open():
                trace = passes.first(reading.inputs)
        itself = bool(changes.put_back)
        left_out = tuple(call for call in calls if not _can_be_replaced(call, calls, trace))
        tried = [call for call in calls if call not in left_out]
        reuse, error = _most_reuse(model, reading, tried, itself)
        before = reading.reader.read(trace.output)
        classes = before.log_p.shape[-1] if isinstance(before, Distributions) else 0
        return EffectsPlan(network.measure, classes, reuse, error, itself, left_out)


def _can_be_replaced(call: CallKey, calls: Sequence[CallKey], trace: Trace) -> bool:
    """Whether a call brings each head's output by itself, and its module makes no others beside
    those that are known."""
    of_plan, of_pass = (Counter(module for module, _ in places) for places in (calls, trace.places))
    brought = trace.brought.get(call)
    return brought is None or (brought.ndim == 4 and of_pass[call[0]] <= of_plan[call[0]])


def _most_reuse(
    model: MeasuredModel, reading: Reading, calls: Sequence[CallKey], itself: bool
) -> tuple[int, float]:
    """How much need not be computed anew so that outputs stay what they are, and how far off they
    are by that."""
    exact = EXACT if model.network.body.dtype == torch.float32 else _HALF
    expected = list(_outputs(model, reading, calls, NOTHING, itself))
    for reuse in (PROJECTIONS, BLOCKS):
        try:
            outputs = list(_outputs(model, reading, calls, reuse, itself))
        except (RuntimeError, ValueError, IndexError, TypeError):
            continue  # it cannot be cut so
        errors = [_error(*pair) for pair in zip(outputs, expected, strict=True)]
        if max(errors, default=0.0) <= exact:
            return reuse, max(errors, default=0.0)
    return NOTHING, 0.0


def _outputs(
    model: MeasuredModel, reading: Reading, calls: Sequence[CallKey], reuse: int, itself: bool
) -> Iterator[torch.Tensor]:
    """For each call the output with its first head at zero, and as it is."""
    passes = Passes(model, [call[0] for call in calls], reuse, itself)
    with restored(model.network.whole), passes.open():
        trace = passes.first(reading.inputs)
        for call in calls:
            if call not in trace.places:
                continue
            brought = trace.brought[call].repeat(2, 1, 1, 1)
            brought[: len(brought) // 2, :, 0] = 0
            read = reading.reader.read(passes.again(reading.inputs, trace, call, brought))
            parts = [read.log_p] if isinstance(read, Distributions) else read.parts
            yield torch.cat([part.double().flatten() for part in parts])


def _error(output: torch.Tensor, expected: torch.Tensor) -> float:
    """The largest difference, as a share of the largest number, or of 1."""
    if output.shape != expected.shape or not output.numel():
        return float(output.shape != expected.shape)
    scale = max(1.0, float(expected.abs().max()))
    return float((output - expected).abs().max()) / scale
