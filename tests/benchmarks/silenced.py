"""Every head of a model put at zero, as a build with effects does it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.runner import record_batch
from attnviz.config import Config
from attnviz.effects.batch_effects import BatchEffects, CallHeads, EffectInputs, Instead
from attnviz.effects.documents import grouped, inputs_of
from attnviz.effects.measured_model import MeasuredModel
from attnviz.effects.plan import EffectsPlan, plan_effects
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

    def run(self, controls: bool, groups: int | None = None) -> None:
        """All passes over the documents of so many groups."""
        with torch.inference_mode():
            for group in self.groups[:groups]:
                work = BatchEffects(
                    self.model, self.family, self.plan, group.members, self.calls, seed=0
                )
                work.measure(Instead(), {}, controls)
