"""Weights that a checkpoint lacks and no attention depends on, such as a pooler's: by observation.

While they are not numbers, neither is what depends on them.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch

from attnviz.capture.batches import Batch
from attnviz.capture.finite import first_unfinite
from attnviz.capture.runner import last_states, record_batch
from attnviz.errors import InputError
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.fit import undefined
from attnviz.models.loaded import LoadedModel


def refuse_needed(
    loaded: LoadedModel, family: Family, batch: Batch, members: Sequence[ModelInput]
) -> None:
    """Raises InputError if attention, or the last hidden state, depends on weights that are not in
    the checkpoint."""
    if loaded.misfit is None:
        return
    with undefined(loaded.model, loaded.misfit):
        recorded = record_batch(loaded, family, batch, members)
    finite = all(torch.isfinite(states).all() for states in last_states(recorded.output, batch))
    if not recorded.calls or first_unfinite(recorded, batch) is not None or not finite:
        raise InputError(loaded.misfit.refusal)
