"""What a layer's heads do on the whole corpus, put together from what they do on its batches, as a
step of the build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from attnviz.capture.result import Layer
from attnviz.engine.step import step
from attnviz.format.pair_tests import PairTest
from attnviz.heads.bands import HeadBands, head_numbers
from attnviz.heads.batch_statistics import file_of
from attnviz.heads.counter_examples import CounterExample
from attnviz.heads.label_figures import LabelFigure
from attnviz.heads.pairs import Types, pair_rows
from attnviz.heads.statistics import HeadStatistics
from attnviz.heads.waking import waking_rows

ByHead = list[dict[str, float | None]]
"""A mapping for each head, by the names of statistics; None where one is not defined."""


@dataclass(frozen=True)
class LayerStatistics:
    """By head: statistics; the evidence that labels are given by; eleven documents, from the one
    the head is most focused in to the least, and how focused it is in them; mean attention at
    offsets −16 to 16, empty under cross-attention; deciles of the entropy, in nats; token pairs
    (query, key, share, lift); query types that wake the head (token, rate, rows); pairs of tokens
    by bands of attention; what is measured of labels that are tests, by their numbers, and the
    strongest pairs against each."""

    values: ByHead
    evidence: ByHead
    typical: list[list[int]]
    focus: list[list[float | None]]
    offsets: list[list[float | None]]
    deciles: list[list[float]]
    pairs: list[list[tuple[str, str, float, float]]]
    waking: list[list[tuple[str, float, int]]]
    bands: list[HeadBands]
    label_figures: list[list[LabelFigure]]
    counter_examples: list[list[CounterExample]]


@dataclass(frozen=True)
class MeasuredBatch:
    """The folder of a batch's sums, and the numbers of its documents in the corpus."""

    folder: Path
    documents: tuple[int, ...]


@step("statistics")
def put_together(
    layer: Layer,
    number: int,
    batches: Sequence[MeasuredBatch],
    types: tuple[Types, Types],
    seed: int,
    tests: tuple[PairTest, ...],
) -> LayerStatistics:
    """What a layer's heads do on the whole corpus; `number` is the layer's in the files of sums,
    `types` are the token types of queries and of keys that pairs are counted of; the `seed` and
    the `tests` of labels are those of the batches."""
    numbers = head_numbers(seed, layer.stack, layer.layer, layer.numbers)
    collected = HeadStatistics(layer.heads, layer.sinks is not None, types, numbers, tests)
    for batch in batches:
        file = batch.folder / file_of(number)
        if file.exists():
            collected.merge(load_file(file), np.array(batch.documents))
    typical, focus = collected.typical()
    return LayerStatistics(
        values=collected.values(),
        evidence=collected.evidence(),
        typical=typical,
        focus=focus,
        offsets=[] if layer.cross else collected.profiles(),
        deciles=collected.deciles(),
        pairs=pair_rows(collected.pairs()),
        waking=waking_rows(collected.awake.waking()),
        bands=collected.bands(),
        label_figures=collected.label_figures(),
        counter_examples=collected.counter_examples(),
    )
