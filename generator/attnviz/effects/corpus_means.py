"""What heads bring in the mean over a corpus, by classes of places, as a step of the build."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch

from attnviz.effects.batch_effects import BatchEffects, CallHeads, EffectInputs
from attnviz.effects.measured_model import MeasuredModel
from attnviz.effects.plan import EffectsPlan
from attnviz.effects.replacing import ALL, Places
from attnviz.engine.step import folder_step
from attnviz.modalities.family import Family
from attnviz.models.foreign import foreign_work
from attnviz.score import Array


@folder_step("effect means")
def mean_outputs(
    into: Path,
    model: MeasuredModel,
    family: Family,
    plan: EffectsPlan,
    groups: Sequence[EffectInputs],
    calls: Sequence[CallHeads],
    places: Places,
    seed: int,
) -> None:
    """Writes `N.npy` (classes, heads, d) float32 for each call, by its number: the mean over tokens
    of the class in all documents; of a class that no token is of, that of all tokens."""
    sums: dict[int, Array] = {}
    counts: dict[int, Array] = {}
    failure = f"model {model.loaded.name}: the effects of its heads cannot be measured"
    with foreign_work(failure, "leave effects out"), torch.inference_mode():
        for group in groups:
            work = BatchEffects(model, family, plan, group.members, calls, seed)
            for number, (brought, classes) in work.brought(places).items():
                vectors = brought.double().cpu().numpy()  # (documents, T, heads, d)
                shape = places.count, *vectors.shape[2:]
                total = sums.setdefault(number, np.zeros(shape))
                count = counts.setdefault(number, np.zeros(places.count))
                if classes.shape == vectors.shape[:2]:
                    np.add.at(total, classes, vectors)
                    np.add.at(count, classes, 1)
                total[ALL] += vectors.sum((0, 1))
                count[ALL] += vectors.shape[0] * vectors.shape[1]
    for number, total in sums.items():
        count = counts[number][:, None, None]
        means = np.where(count > 0, total / np.maximum(count, 1), total[ALL] / count[ALL])
        np.save(into / f"{number}.npy", means.astype(np.float32))
