"""The figures of heads' effects over a corpus."""

from __future__ import annotations

import numpy as np

from attnviz.effects.model_effects import ModelEffects
from attnviz.heads.effect_columns import CONTROL
from attnviz.heads.statistics import by_head
from attnviz.sampling import ERROR_OF
from attnviz.score import Array


def effect_statistics(effects: ModelEffects) -> list[dict[str, float | None]]:
    """The columns of all heads, in their order: means over the tokens of all documents; with
    standard errors, where not all documents were measured."""
    columns: dict[str, Array] = {}
    for name, (replaced, control) in effects.values.items():
        for ending, of_documents in (("", replaced), (CONTROL, control)):
            mean, error = _mean(of_documents, effects)
            columns[f"effect_{name}{ending}"] = mean
            if len(effects.documents) < effects.taken:
                columns[f"effect_{name}{ending}{ERROR_OF}"] = error
    return by_head(columns, len(next(iter(columns.values()), ())))


def _mean(values: Array, effects: ModelEffects) -> tuple[Array, Array]:
    """Of values (heads, documents) the mean over tokens, and its standard error as a ratio of sums
    over documents that were drawn."""
    weights = np.where(np.isnan(values), 0, effects.tokens)  # (head, document)
    tokens = weights.sum(-1)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = np.nansum(values * weights, -1) / tokens
        count = (weights > 0).sum(-1)
        off = np.nan_to_num(values - mean[:, None]) * weights
        spread = np.square(off).sum(-1) / (count - 1)
        share = 1 - len(effects.documents) / effects.taken
        error = np.sqrt(share * spread * count) / tokens
    return mean, error
