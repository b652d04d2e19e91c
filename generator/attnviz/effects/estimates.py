"""Effects estimated from one backward pass: attribution patching (Nanda 2023; Syed, Rager & Conmy
2023), as a step of the build.

To first order the loss changes by Σ ∂ℓ/∂z · (z′ − z), where z is what a head brings to the tokens
of a document and z′ what it is replaced by: one pass and its gradients give the estimate of every
head. The divergence has none: its gradient is zero where nothing is replaced.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attnviz.capture.calls import CallKey
from attnviz.effects.batch_effects import (
    CONTROL,
    REPLACED,
    BatchEffects,
    CallHeads,
    EffectInputs,
    Instead,
)
from attnviz.effects.measured_model import MeasuredModel
from attnviz.effects.measures import LOSS, Distributions
from attnviz.effects.passes import NOTHING
from attnviz.effects.plan import EffectsPlan
from attnviz.effects.replacing import control
from attnviz.engine.step import folder_step
from attnviz.modalities.family import Family
from attnviz.models.foreign import foreign_work
from attnviz.score import Array


@folder_step("effect estimates")
def estimate_batch(
    into: Path,
    model: MeasuredModel,
    family: Family,
    plan: EffectsPlan,
    inputs: EffectInputs,
    calls: Sequence[CallHeads],
    seed: int,
    instead: Instead,
) -> int:
    """Writes `loss.npy` (2, heads, documents) float64 as `measure_batch` does: estimates of the
    sums over a document's tokens. Returns of how many tokens of each document."""
    failure = f"model {model.loaded.name}: the effects of its heads cannot be estimated"
    with foreign_work(failure, "leave estimate out"):
        work = _Estimates(model, family, plan, inputs.members, calls, seed)
        sums, tokens = work.estimate(instead)
        np.save(into / f"{LOSS}.npy", sums)
        return tokens


class _Estimates(BatchEffects):
    """The one pass over documents of one length, and back."""

    def estimate(self, instead: Instead) -> tuple[Array, int]:
        """What `estimate_batch` writes and returns."""
        with torch.inference_mode(False), torch.no_grad():
            replacing = self._replacing(instead)
        model = self._model.network.whole
        with self._open(NOTHING) as passes, _frozen(model), torch.enable_grad():
            trace = passes.first(self._reading.inputs, with_gradients=True)
            reading = self._reading.reader.read(trace.output)
            if not isinstance(reading, Distributions):
                raise RuntimeError("hidden states have no loss, and so no gradient of it")
            gradients = _gradients(reading.loss(), trace.shifts or {})
        heads = sum(len(each.heads) for each in self._calls)
        sums = np.full((2, heads, self._reading.documents), np.nan)
        row = 0
        for number, each in enumerate(self._calls):
            if each.call in gradients and each.call not in self._plan.left_out:
                brought = trace.brought[each.call].detach()
                replaced = replacing.of(each.call, brought)
                for place, head in enumerate(each.heads):
                    mine, theirs = brought[:, :, head], replaced[:, :, head]
                    random = control(mine, theirs, (self._seed, number, head))
                    for side, other in ((REPLACED, theirs), (CONTROL, random)):
                        change = gradients[each.call][:, :, head] * (other - mine)
                        of_documents = change.double().reshape(self._reading.documents, -1).sum(-1)
                        sums[side, row + place] = of_documents.cpu().numpy()
            row += len(each.heads)
        return sums, reading.tokens


def _gradients(
    loss: torch.Tensor, shifts: dict[CallKey, torch.Tensor]
) -> dict[CallKey, torch.Tensor]:
    """∂ℓ/∂z by call, of what each brings; of calls that the loss depends on."""
    calls = list(shifts)
    gradients = torch.autograd.grad(loss, [shifts[call] for call in calls], allow_unused=True)
    return {
        call: torch.zeros_like(shifts[call]) if gradient is None else gradient
        for call, gradient in zip(calls, gradients, strict=True)
    }


@contextmanager
def _frozen(model: Any) -> Iterator[None]:
    """While this lasts no weight asks for a gradient: only what heads bring does."""
    weights = [weight for weight in model.parameters() if weight.requires_grad]
    for weight in weights:
        weight.requires_grad_(False)
    try:
        yield
    finally:
        for weight in weights:
            weight.requires_grad_(True)
