"""The effects of all heads on documents of one length, as a step of the build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch

from attnviz.capture.calls import CallKey
from attnviz.effects.measured_model import MeasuredModel
from attnviz.effects.passes import Passes, Trace
from attnviz.effects.plan import EffectsPlan
from attnviz.effects.reading import Reading, reading_of
from attnviz.effects.replacing import control
from attnviz.engine.step import folder_step
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.foreign import foreign_work
from attnviz.models.state import restored
from attnviz.score import Array

TOKENS: Final = 2048
"""About so many tokens are in one pass, a document counted once for each variant."""
NUMBERS: Final = 2**27
"""At most so many probabilities are, where tokens are predicted."""
REPLACED: Final = 0
CONTROL: Final = 1
"""The two sides of what is measured."""


@dataclass(frozen=True)
class CallHeads:
    """The heads of one attention call that effects are measured of, by the model's numbers."""

    call: CallKey
    heads: tuple[int, ...]


@dataclass(frozen=True)
class EffectInputs:
    """The input of documents of one length. Their numbers in the corpus stand in messages, and do
    not count for the result."""

    members: tuple[ModelInput, ...]
    documents: tuple[int, ...] = field(compare=False)


@folder_step("effects")
def measure_batch(
    into: Path,
    model: MeasuredModel,
    family: Family,
    plan: EffectsPlan,
    inputs: EffectInputs,
    calls: Sequence[CallHeads],
    seed: int,
    controls: bool = True,
) -> int:
    """Writes `NAME.npy` (2, heads, documents) float64 for everything that is measured: sums over a
    document's tokens with each head replaced, and with its control; heads are those of all calls,
    one call after another, NaN where a document makes no such call. Returns of how many tokens of
    each document."""
    failure = f"model {model.loaded.name}: the effects of its heads cannot be measured"
    with foreign_work(failure, "leave effects out"), torch.inference_mode():
        reading = reading_of(model, family, plan.measure, inputs.members, seed)
        work = BatchEffects(model, plan, reading, calls, seed, controls)
        sums, tokens = work.measure()
        for name, of_heads in sums.items():
            np.save(into / f"{name}.npy", of_heads)
        return tokens


class _Variant(NamedTuple):
    side: int
    place: int
    head: int


class BatchEffects:
    """The passes over documents of one length."""

    def __init__(
        self,
        model: MeasuredModel,
        plan: EffectsPlan,
        reading: Reading,
        calls: Sequence[CallHeads],
        seed: int,
        controls: bool,
    ) -> None:
        self._model, self._plan, self._reading = model, plan, reading
        self._calls, self._seed = calls, seed
        self._sides = (REPLACED, CONTROL) if controls else (REPLACED,)
        self._sums: dict[str, Array] = {}

    def measure(self) -> tuple[dict[str, Array], int]:
        """What `measure_batch` writes and returns."""
        plan, inputs, reader = self._plan, self._reading.inputs, self._reading.reader
        modules = [each.call[0] for each in self._calls]
        passes = Passes(self._model, modules, plan.reuse, plan.changes_itself)
        with restored(self._model.network.whole), passes.open():
            trace = passes.first(inputs)
            before, trace.output = reader.read(trace.output), None
            for number, each in enumerate(self._calls):
                if each.call in trace.places and each.call not in plan.left_out:
                    for variants, brought in self._variants(trace, number, each):
                        output = passes.again(inputs, trace, each.call, brought)
                        for name, changes in before.changes(output, reader).items():
                            self._note(name, variants, changes.cpu().numpy())
        return self._sums, before.tokens

    def _note(self, name: str, variants: Sequence[_Variant], changes: Array) -> None:
        """Keep changes (variants, documents)."""
        heads = sum(len(each.heads) for each in self._calls)
        empty = np.full((2, heads, self._reading.documents), np.nan)
        sums = self._sums.setdefault(name, empty)
        for variant, of_documents in zip(variants, changes, strict=True):
            sums[variant.side, variant.place] = of_documents

    def _variants(
        self, trace: Trace, number: int, each: CallHeads
    ) -> Iterator[tuple[list[_Variant], torch.Tensor]]:
        """What a call is to bring, some variants at a time, (variants · documents, T, heads, d):
        for each head in turn its output replaced, then the control."""
        brought = trace.brought[each.call]
        first = sum(len(other.heads) for other in self._calls[:number])
        variants = [
            _Variant(side, first + place, head)
            for place, head in enumerate(each.heads)
            for side in self._sides
        ]
        most = max(1, self._tokens_at_once() // (self._reading.tokens * self._reading.documents))
        for start in range(0, len(variants), most):
            some = variants[start : start + most]
            changed = brought[None].repeat(len(some), 1, 1, 1, 1)
            for variant, into in zip(some, changed, strict=True):
                mine = brought[:, :, variant.head]
                replaced = torch.zeros_like(mine)
                if variant.side == CONTROL:
                    replaced = control(mine, replaced, (self._seed, number, variant.head))
                into[:, :, variant.head] = replaced
            yield some, changed.flatten(0, 1)

    def _tokens_at_once(self) -> int:
        return min(TOKENS, NUMBERS // max(self._plan.classes, 1))
