"""What heads copy from a needle over all depths: the statistics, with their errors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from attnviz.format.manifest import NeedleDepth
from attnviz.heads.awake import AWAKE
from attnviz.heads.needle_probe import CopiedShares
from attnviz.heads.repeated_text import DrawnRatio
from attnviz.heads.statistics import by_head
from attnviz.heads.sums import Mean
from attnviz.sampling import ERROR_OF
from attnviz.score import Array

GOLD: Final = "retrieval"
CONTROL: Final = "retrieval_control"
STRONGEST: Final = "retrieval_strongest"

ByDepth = Sequence[Sequence[tuple[CopiedShares, CopiedShares]]]
"""By depth and layer what heads do on texts, and on controls."""


def needle_statistics(by_depth: ByDepth) -> list[list[dict[str, float | None]]]:
    """The statistics by layer and head, with standard errors: a text counts as its mean over
    depths, and texts are drawn from all there could be."""
    layers = zip(*by_depth, strict=True)
    return [_of_layer([of for of, _ in depths], [of for _, of in depths]) for depths in layers]


def figures_by_depth(depths: Sequence[float], by_depth: ByDepth) -> list[list[list[NeedleDepth]]]:
    """The figures of each depth, mean over texts, by layer and head."""
    layers = zip(*by_depth, strict=True)
    return [_depths_of_layer(depths, of_layer) for of_layer in layers]


def _depths_of_layer(
    depths: Sequence[float], of_layer: Sequence[tuple[CopiedShares, CopiedShares]]
) -> list[list[NeedleDepth]]:
    columns = [
        (depth, np.mean(texts.gold, 0), np.mean(texts.strongest, 0), np.mean(controls.gold, 0))
        for depth, (texts, controls) in zip(depths, of_layer, strict=True)
    ]
    heads = len(columns[0][1])
    return [
        [
            NeedleDepth(
                depth=depth,
                retrieval=float(gold[head]),
                strongest=float(strongest[head]),
                control=float(control[head]),
            )
            for depth, gold, strongest, control in columns
        ]
        for head in range(heads)
    ]


def _of_layer(
    texts: Sequence[CopiedShares], controls: Sequence[CopiedShares]
) -> list[dict[str, float | None]]:
    """The statistics of a layer's heads, from all depths."""
    columns: dict[str, Array] = {}
    for name, shares, part, awake_part in (
        (GOLD, texts, "gold", "gold"),
        (CONTROL, controls, "gold", "gold"),
        (STRONGEST, texts, "strongest", "strongest_mass"),
    ):
        values = _over_depths(shares, part)  # (text, head)
        heads = values.shape[1]
        mean, ratio = Mean(heads), DrawnRatio(heads)
        mean.add(values.T)
        for of_text in zip(
            _over_depths(shares, awake_part), _over_depths(shares, "mass"), strict=True
        ):
            ratio.add(*of_text)
        columns |= {name: mean.value(), name + ERROR_OF: mean.standard_error()}
        columns |= {
            AWAKE + name: ratio.value(),
            AWAKE + name + ERROR_OF: ratio.standard_error(),
        }
    return by_head(columns, heads)


def _over_depths(shares: Sequence[CopiedShares], part: str) -> Array:
    """A figure of each text, mean over depths, (text, head)."""
    means: Array = np.mean([getattr(of_depth, part) for of_depth in shares], 0)
    return means
