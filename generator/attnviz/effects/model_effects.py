"""The effects of all heads of a model on the documents of a corpus."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.capture.batches import axes_of, fixed_shapes
from attnviz.capture.calls import INTERFACE
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.config import Config
from attnviz.documents.document import Notice
from attnviz.effects.batch_effects import CallHeads, EffectInputs, measure_batch
from attnviz.effects.measured_model import MeasuredModel, MeasureName
from attnviz.effects.plan import EffectsPlan, plan_effects
from attnviz.effects.replacing import Method
from attnviz.effects.words import kind, left_out_notice, unmeasured_notice, work_in_words
from attnviz.engine.engine import Engine
from attnviz.modalities.model_input import ModelInput
from attnviz.score import Array

_ALIKE: Final = 512
"""Tokens of documents of one length that are measured together, about."""


@dataclass(frozen=True)
class ModelEffects:
    """What was measured of a model: how, on which documents of how many, and of how many tokens of
    each; and by name (2, heads, documents) float64, means over these tokens with each head
    replaced, and with its control. Heads are those of all layers in their order; NaN where the
    layer does not read the document, or its heads could not be replaced."""

    method: Method
    measure: MeasureName
    documents: tuple[int, ...]
    taken: int
    tokens: Array
    values: Mapping[str, Array]
    notices: Sequence[Notice] = ()


def measure_effects(
    corpus: ModelCorpus, captured: Capture, config: Config, engine: Engine
) -> ModelEffects | None:
    """The effects that the corpus asks for; None where it asks for none. Without values, and with
    a notice, where the model is not here, or no head of it can be replaced."""
    if config.effects is None:
        return None
    if corpus.running is None:
        return _nothing(config.effects.method, unmeasured_notice(corpus.name), engine)
    calls = [_heads_of(layer.module, layer.module_call, layer.numbers) for layer in captured.layers]
    dispatched = [
        call for call, layer in zip(calls, captured.layers, strict=True) if layer.line == INTERFACE
    ]
    if not dispatched:
        missing = left_out_notice(corpus.name, captured, {})
        return _nothing(config.effects.method, missing, engine)
    model = MeasuredModel(corpus.loaded, tuple(sorted(corpus.axes)), corpus.spec)
    documents = _drawn(corpus, config.effects.documents, config.seed)
    plans = _plans(model, corpus, documents, dispatched, config.seed, engine)
    groups = _groups(corpus, documents)
    engine.note(work_in_words(corpus.name, len(documents), captured, plans))
    steps = [
        measure_batch.of(
            model,
            corpus.family,
            plans[axes_of(_input(corpus, group[0]))],
            EffectInputs(tuple(_input(corpus, number) for number in group), tuple(group)),
            dispatched,
            config.seed,
        )
        for group in groups
    ]
    sizes = [float(sum(_longest(corpus, number) for number in group)) for group in groups]
    heads = sum(len(call.heads) for call in calls)
    rows = np.concatenate(
        [np.full(len(each.heads), each in dispatched) for each in calls] or [np.zeros(0, bool)]
    )
    order = {number: place for place, number in enumerate(documents)}
    tokens = np.zeros(len(documents))
    values: dict[str, Array] = {}
    pieces = engine.each(f"effects of {corpus.name}", steps, sizes)
    for piece, group in zip(pieces, groups, strict=True):
        places = [order[number] for number in group]
        tokens[places] = piece.value
        for file in sorted(piece.folder.glob("*.npy")):
            of_name = values.setdefault(file.stem, np.full((2, heads, len(documents)), np.nan))
            means = np.load(file) / max(piece.value, 1)
            for place, column in zip(places, np.moveaxis(means, -1, 0), strict=True):
                of_name[:, rows, place] = column
    plan = next(iter(plans.values()))
    lacking = left_out_notice(corpus.name, captured, plans)
    if lacking is not None:
        engine.note(lacking.message)
    return ModelEffects(
        method=config.effects.method,
        measure=plan.measure,
        documents=tuple(documents),
        taken=sum(document is not None for document in corpus.inputs),
        tokens=tokens,
        values={name: values[name] for name in sorted(values, key=kind)},
        notices=() if lacking is None else (lacking,),
    )


def _nothing(method: Method, notice: Notice | None, engine: Engine) -> ModelEffects:
    notices = [] if notice is None else [notice]
    for each in notices:
        engine.note(each.message)
    return ModelEffects(method, "hidden state", (), 0, np.zeros(0), {}, notices)


def _heads_of(module: str, number: int, heads: tuple[int, ...]) -> CallHeads:
    return CallHeads((module, number), heads)


def _drawn(corpus: ModelCorpus, count: int, seed: int) -> list[int]:
    """Numbers of at most so many documents that the model takes, drawn evenly, ascending."""
    numbers = [n for n, document in enumerate(corpus.inputs) if document is not None]
    if len(numbers) <= count:
        return numbers
    drawn = {number: np.random.default_rng((seed, number)).random() for number in numbers}
    return sorted(sorted(numbers, key=lambda number: drawn[number])[:count])


def _plans(
    model: MeasuredModel,
    corpus: ModelCorpus,
    documents: Sequence[int],
    calls: Sequence[CallHeads],
    seed: int,
    engine: Engine,
) -> dict[tuple[str, ...], EffectsPlan]:
    """How it is measured, by the axes of documents, tried on the shortest of each."""
    shortest: dict[tuple[str, ...], int] = {}
    for number in sorted(documents, key=lambda number: (-_longest(corpus, number), -number)):
        shortest[axes_of(_input(corpus, number))] = number
    keys = [each.call for each in calls]
    plans = {}
    for axes, number in sorted(shortest.items(), key=lambda item: (-len(item[0]), item[0])):
        tried = plan_effects.of(model, corpus.family, _input(corpus, number), keys, seed)
        plans[axes] = engine.run(tried).value
    return plans


def _groups(corpus: ModelCorpus, documents: Sequence[int]) -> list[list[int]]:
    """The documents, those together whose axes and arrays have the same lengths."""
    alike: dict[object, list[int]] = defaultdict(list)
    for number in documents:
        document = _input(corpus, number)
        lengths = tuple((axis, len(document.axes[axis])) for axis in axes_of(document))
        alike[lengths, fixed_shapes(document)].append(number)
    groups = []
    for key in sorted(alike, key=repr):
        members = alike[key]
        count = max(1, _ALIKE // max(_longest(corpus, members[0]), 1))
        groups += [members[first : first + count] for first in range(0, len(members), count)]
    return groups


def _input(corpus: ModelCorpus, number: int) -> ModelInput:
    document = corpus.inputs[number]
    if document is None:
        raise RuntimeError(f"document {number} is none that {corpus.name} takes")
    return document


def _longest(corpus: ModelCorpus, number: int) -> int:
    return max(len(tokens) for tokens in _input(corpus, number).axes.values())
