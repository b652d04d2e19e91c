"""The effects of all heads on documents of one length, as a step of the build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
import torch

from attnviz.capture.calls import CallKey
from attnviz.effects.labelled import Coded, Labels, coded
from attnviz.effects.measured_model import MeasuredModel
from attnviz.effects.passes import NOTHING, Passes, Trace
from attnviz.effects.plan import EffectsPlan
from attnviz.effects.reading import Reading, reading_of
from attnviz.effects.replacing import Means, Others, Places, Replacing, Zeros, control
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
    """The heads of one attention call that effects are measured of, by the model's numbers, and the
    axis of its queries."""

    call: CallKey
    heads: tuple[int, ...]
    axis: str


@dataclass(frozen=True)
class EffectInputs:
    """The input of documents of one length. Their numbers in the corpus stand in messages, and do
    not count for the result."""

    members: tuple[ModelInput, ...]
    documents: tuple[int, ...] = field(compare=False)


@dataclass(frozen=True)
class Instead:
    """What heads' outputs are replaced by: `means`, with the classes of tokens that they are of; or
    what they bring in `others`, one for each document; else nothing."""

    means: Path | None = None
    places: Places | None = None
    others: tuple[ModelInput, ...] = ()


@folder_step("effects")
def measure_batch(
    into: Path,
    model: MeasuredModel,
    family: Family,
    plan: EffectsPlan,
    inputs: EffectInputs,
    calls: Sequence[CallHeads],
    seed: int,
    instead: Instead = Instead(),
    labels: Labels | None = None,
    controls: bool = True,
) -> int:
    """Writes `NAME.npy` (2, heads, documents) float64 for everything that is measured: sums over a
    document's tokens with each head replaced, and with its control; heads are those of all calls,
    one call after another, NaN where a document makes no such call. For each of `labels`, by its
    number n, `NAME-by-n.npy` (2, heads, values) has sums over all tokens of a value, and
    `count-by-n.npy` (values,) how many these are. Returns of how many tokens of each document."""
    failure = f"model {model.loaded.name}: the effects of its heads cannot be measured"
    with foreign_work(failure, "leave effects out"), torch.inference_mode():
        work = BatchEffects(model, family, plan, inputs.members, calls, seed)
        tokens = work.measure(instead, labels or {}, controls)
        for name, sums in work.sums.items():
            np.save(into / f"{name}.npy", sums)
        return tokens


class _Variant(NamedTuple):
    side: int
    place: int
    head: int


class BatchEffects:
    """The passes over documents of one length; `sums` are what they give, by name."""

    def __init__(
        self,
        model: MeasuredModel,
        family: Family,
        plan: EffectsPlan,
        members: Sequence[ModelInput],
        calls: Sequence[CallHeads],
        seed: int,
    ) -> None:
        self._model, self._family, self._plan = model, family, plan
        self._members, self._calls, self._seed = members, calls, seed
        self._reading = self._read(members)
        self.sums: dict[str, Array] = {}

    def measure(self, instead: Instead, labels: Labels, controls: bool) -> int:
        """All passes. Returns of how many tokens of each document the sums are."""
        inputs, reader = self._reading.inputs, self._reading.reader
        replacing = self._replacing(instead)
        sides = (REPLACED, CONTROL) if controls else (REPLACED,)
        with self._open(self._plan.reuse) as passes:
            trace = passes.first(inputs)
            before, trace.output = reader.read(trace.output), None
            codes = coded(self._members, reader, labels, before.tokens)
            for number, each in enumerate(self._calls):
                if each.call not in trace.places or each.call in self._plan.left_out:
                    continue
                for variants, brought in self._variants(trace, number, sides, replacing):
                    output = passes.again(inputs, trace, each.call, brought)
                    for name, changes in before.changes(output, reader).items():
                        self._note(name, variants, changes.cpu().numpy(), codes)
        for place, label in enumerate(codes):
            self.sums[f"count-by-{place}"] = label.counts()
        return before.tokens

    def brought(self, places: Places) -> dict[int, tuple[torch.Tensor, Array]]:
        """By number of the call what it brings, (documents, T, heads, d), in the model as it is,
        and the classes of its tokens, (documents, T)."""
        with self._open(NOTHING) as passes:
            trace = passes.first(self._reading.inputs)
        return {
            number: (trace.brought[each.call], self._classes(places, each.axis))
            for number, each in enumerate(self._calls)
            if each.call in trace.brought
        }

    def _read(self, members: Sequence[ModelInput]) -> Reading:
        return reading_of(self._model, self._family, self._plan.measure, members, self._seed)

    @contextmanager
    def _open(self, reuse: int) -> Iterator[Passes]:
        """While this lasts passes can be run; after it the model is as it was."""
        modules = [each.call[0] for each in self._calls]
        passes = Passes(self._model, modules, reuse, self._plan.changes_itself)
        with restored(self._model.network.whole), passes.open():
            yield passes

    def _replacing(self, instead: Instead) -> Replacing:
        calls = [each.call for each in self._calls]
        if instead.means is not None and instead.places is not None:
            classes = [self._classes(instead.places, each.axis) for each in self._calls]
            return Means(instead.means, calls, classes)
        if not instead.others:
            return Zeros()
        with self._open(NOTHING) as passes:
            return Others([passes.first(self._read([other]).inputs) for other in instead.others])

    def _classes(self, places: Places, axis: str) -> Array:
        """(documents, T) of the tokens of an axis; empty where the documents have none."""
        axes = [member.axes[axis] for member in self._members if axis in member.axes]
        return np.stack([places.of(tokens) for tokens in axes]) if axes else np.zeros((0, 0))

    def _note(
        self,
        name: str,
        variants: Sequence[_Variant],
        changes: Array,
        codes: Sequence[Coded],
    ) -> None:
        """Keep changes (variants, documents, tokens)."""
        tables = {name: changes.sum(-1)}
        for place, label in enumerate(codes):
            tables[f"{name}-by-{place}"] = label.sums(changes)
        heads = sum(len(each.heads) for each in self._calls)
        for table, rows in tables.items():
            empty = np.full((2, heads, rows.shape[1]), np.nan)
            sums = self.sums.setdefault(table, empty)
            for variant, row in zip(variants, rows, strict=True):
                sums[variant.side, variant.place] = row

    def _variants(
        self, trace: Trace, number: int, sides: Sequence[int], replacing: Replacing
    ) -> Iterator[tuple[list[_Variant], torch.Tensor]]:
        """What a call is to bring, some variants at a time, (variants · documents, T, heads, d):
        for each head in turn its output replaced, then the control."""
        each = self._calls[number]
        brought = trace.brought[each.call]
        replaced = replacing.of(each.call, brought)
        first = sum(len(other.heads) for other in self._calls[:number])
        variants = [
            _Variant(side, first + place, head)
            for place, head in enumerate(each.heads)
            for side in sides
        ]
        tokens = self._reading.tokens * self._reading.documents
        most = max(1, min(TOKENS, NUMBERS // max(self._plan.classes, 1)) // tokens)
        for start in range(0, len(variants), most):
            part = variants[start : start + most]
            changed = brought[None].repeat(len(part), 1, 1, 1, 1)
            for variant, into in zip(part, changed, strict=True):
                of_head = replaced[:, :, variant.head]
                if variant.side == CONTROL:
                    seeds = self._seed, number, variant.head
                    of_head = control(brought[:, :, variant.head], of_head, seeds)
                into[:, :, variant.head] = of_head
            yield part, changed.flatten(0, 1)
