"""Every head of a model put at zero, as a build with effects does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.runner import record_batch
from attnviz.config import Config
from attnviz.effects.batch_effects import (
    BatchEffects,
    CallHeads,
    EffectInputs,
    Instead,
    measure_batch,
)
from attnviz.effects.documents import grouped, inputs_of
from attnviz.effects.measured_model import MeasuredModel
from attnviz.effects.plan import EffectsPlan, plan_effects
from attnviz.engine.engine import Engine
from attnviz.modalities.family import Family
from tests.benchmarks.ready import Ready


@dataclass(frozen=True)
class Silenced:
    """A model, its heads, and the documents that run together."""

    model: MeasuredModel
    family: Family
    plan: EffectsPlan
    calls: Sequence[CallHeads]
    groups: Sequence[EffectInputs]

    @classmethod
    def of(cls, ready: Ready, config: Config) -> Silenced:
        loaded, family = ready.loaded, ready.family
        corpus = ModelCorpus(loaded.about, loaded, family, ready.documents, config.models[0], ())
        recorded = record_batch(loaded, family, ready.batches[0], ready.documents)
        calls = [
            CallHeads(call.key, tuple(range(call.heads)), call.query_axis)
            for call in recorded.calls
        ]
        model = MeasuredModel(loaded, tuple(sorted(corpus.axes)), config.models[0])
        taken = [number for number, each in enumerate(ready.documents) if each is not None]
        groups = [inputs_of(corpus, group) for group in grouped(corpus, taken)]
        keys = [call.call for call in calls]
        plan = plan_effects(model, family, groups[0].members[0], keys, 0)
        return cls(model, family, plan, calls, groups)

    @property
    def heads(self) -> int:
        return sum(len(call.heads) for call in self.calls)

    def build(self, cache: Path) -> None:
        """The same passes, without controls, as a build makes them from nothing: in several
        processes where that is worth it."""
        calls = [
            measure_batch.of(
                self.model, self.family, self.plan, group, self.calls, 0, controls=False
            ).on_one_thread()
            for group in self.groups
        ]
        sizes = [
            float(sum(len(each.axes["text"]) for each in group.members)) for group in self.groups
        ]
        engine = Engine(cache)
        with engine.at_work():
            for _ in engine.try_and_fan_out("effects", calls, sizes):
                pass

    def run(self, controls: bool, groups: int | None = None) -> None:
        """All passes over the documents of so many groups."""
        with torch.inference_mode():
            for group in self.groups[:groups]:
                work = BatchEffects(
                    self.model, self.family, self.plan, group.members, self.calls, seed=0
                )
                work.measure(Instead(), {}, controls)
