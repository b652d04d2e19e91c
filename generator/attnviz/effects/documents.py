"""Which documents effects are measured on, together with which."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Final

import numpy as np

from attnviz.capture.batches import Axes, axes_of, fixed_shapes
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.effects.batch_effects import EffectInputs
from attnviz.modalities.model_input import ModelInput

_ALIKE: Final = 512
"""Tokens of documents of one length that are measured together, about."""


def drawn(corpus: ModelCorpus, count: int, seed: int) -> list[int]:
    """Numbers of at most so many documents that the model takes, drawn evenly, ascending."""
    numbers = [n for n, document in enumerate(corpus.inputs) if document is not None]
    if len(numbers) <= count:
        return numbers
    chance = {number: np.random.default_rng((seed, number)).random() for number in numbers}
    return sorted(sorted(numbers, key=lambda number: chance[number])[:count])


def grouped(corpus: ModelCorpus, documents: Sequence[int]) -> list[list[int]]:
    """The documents, those together whose axes and arrays have the same lengths."""
    alike: dict[object, list[int]] = defaultdict(list)
    for number in documents:
        document = input_of(corpus, number)
        lengths = tuple((axis, len(document.axes[axis])) for axis in axes_of(document))
        alike[lengths, fixed_shapes(document)].append(number)
    groups = []
    for key in sorted(alike, key=repr):
        members = alike[key]
        count = max(1, _ALIKE // max(longest(corpus, members[0]), 1))
        groups += [members[first : first + count] for first in range(0, len(members), count)]
    return groups


def inputs_of(corpus: ModelCorpus, documents: Sequence[int]) -> EffectInputs:
    """The input of documents of one length."""
    return EffectInputs(tuple(input_of(corpus, n) for n in documents), tuple(documents))


def shortest_by_axes(corpus: ModelCorpus, documents: Sequence[int]) -> dict[Axes, int]:
    """The number of the shortest document on each set of axes, those on most axes first."""
    shortest: dict[Axes, int] = {}
    for number in sorted(documents, key=lambda number: (-longest(corpus, number), -number)):
        shortest[axes_of(input_of(corpus, number))] = number
    return dict(sorted(shortest.items(), key=lambda item: (-len(item[0]), item[0])))


def others(corpus: ModelCorpus, documents: Sequence[int], seed: int) -> dict[int, int]:
    """For each document another on the same axes: the next in an order that the seed draws. None
    for one that is alone on its axes."""
    order = np.random.default_rng((seed, len(documents))).permutation(np.array(documents))
    by_axes: dict[Axes, list[int]] = defaultdict(list)
    for number in order.tolist():
        by_axes[axes_of(input_of(corpus, number))].append(number)
    return {
        number: following
        for alike in by_axes.values()
        if len(alike) > 1
        for number, following in zip(alike, [*alike[1:], alike[0]], strict=True)
    }


def input_of(corpus: ModelCorpus, number: int) -> ModelInput:
    """A document as the model takes it."""
    document = corpus.inputs[number]
    if document is None:
        raise RuntimeError(f"document {number} is none that {corpus.name} takes")
    return document


def longest(corpus: ModelCorpus, number: int) -> int:
    """Tokens of a document on its longest axis."""
    return max(len(tokens) for tokens in input_of(corpus, number).axes.values())
