"""Documents of one length as a model reads them, and what is read of its output."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from attnviz.capture.batches import make_batch
from attnviz.capture.collating import collate
from attnviz.effects.measured_model import MeasuredModel, MeasureName
from attnviz.effects.measures import Reader
from attnviz.effects.passes import Inputs
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput

MASKED: Final = 0.15
"""The share of tokens that is masked, for models that are trained so (Devlin et al. 2019)."""


@dataclass(frozen=True)
class Reading:
    """The model's input, what reads its output, and how many documents of how many tokens there
    are."""

    inputs: Inputs
    reader: Reader
    documents: int
    tokens: int


def reading_of(
    model: MeasuredModel,
    family: Family,
    measure: MeasureName,
    members: Sequence[ModelInput],
    seed: int,
) -> Reading:
    """Documents, all of one length."""
    batch = make_batch(tuple(range(len(members))), members, family.lengths)
    device, dtype = model.loaded.device, model.loaded.model.dtype
    inputs = collate(members, family.padding, device, dtype, family.lengths)
    masked = _masked_places(members, seed) if measure == "masked tokens" else None
    lengths = {batch.padded[axis]: lengths[0] for axis, lengths in batch.lengths.items()}
    reader = Reader(measure, lengths, inputs, masked)
    if masked is not None:
        ids = inputs["input_ids"].clone()
        ids[:, masked] = model.loaded.tokenizer.mask_token_id
        inputs = inputs | {"input_ids": ids}
    return Reading(inputs, reader, len(members), max(batch.padded.values()))


def _masked_places(members: Sequence[ModelInput], seed: int) -> torch.Tensor:
    """Places of tokens that are masked: 15 % of those that are special in no document, at least
    one of them."""
    special = np.any([member.axes["text"].special for member in members], axis=0)
    places = np.flatnonzero(~special)
    count = min(len(places), max(1, round(MASKED * len(places))))
    drawn = np.random.default_rng((seed, len(special))).permutation(places)[:count]
    return torch.from_numpy(np.sort(drawn))
