"""The effects of all heads of a model on the documents of a corpus."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final, TypeVar

import numpy as np
from scipy.stats import spearmanr

from attnviz.capture.batches import Axes, axes_of
from attnviz.capture.calls import INTERFACE
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.out_of_memory import out_of_memory_in
from attnviz.capture.result import Capture
from attnviz.config import Config
from attnviz.documents.document import Notice
from attnviz.effects.batch_effects import CallHeads, Instead, measure_batch
from attnviz.effects.corpus_means import mean_outputs
from attnviz.effects.documents import (
    drawn,
    grouped,
    input_of,
    inputs_of,
    longest,
    others,
    shortest_by_axes,
)
from attnviz.effects.effects import MOST_VALUES, ModelEffects
from attnviz.effects.estimates import estimate_batch
from attnviz.effects.labelled import Labels
from attnviz.effects.measured_model import MeasuredModel
from attnviz.effects.plan import EffectsPlan, plan_effects
from attnviz.effects.replacing import Method, Places
from attnviz.effects.words import (
    EstimateError,
    estimate_notice,
    kind,
    left_out_notice,
    not_estimated_notice,
    unmeasured_notice,
    unpaired_notice,
    work_in_words,
)
from attnviz.engine.engine import Engine, Piece
from attnviz.engine.step import Call
from attnviz.score import Array

T = TypeVar("T")

CHECKED: Final = 8
"""Documents on which estimates are held against what is measured."""


def measure_effects(
    corpus: ModelCorpus, captured: Capture, config: Config, engine: Engine
) -> ModelEffects | None:
    """The effects that the corpus asks for; None where it asks for none. Without values, and with
    a notice, where the model is not here, or no head of it can be replaced."""
    if config.effects is None:
        return None
    if corpus.running is None:
        return _nothing(config.effects.method, unmeasured_notice(corpus.name), engine)
    if not any(layer.line == INTERFACE for layer in captured.layers):
        missing = left_out_notice(corpus.name, captured, {})
        return _nothing(config.effects.method, missing, engine)
    mend = "set dtype: bfloat16, max_length, or effects: false"
    with out_of_memory_in(corpus.name, "measuring effects of heads", mend):
        return _Work(corpus, captured, config, engine).effects(
            config.effects.method, config.effects.estimate
        )


def _nothing(method: Method, notice: Notice | None, engine: Engine) -> ModelEffects:
    notices = [] if notice is None else [notice]
    for each in notices:
        engine.note(each.message)
    return ModelEffects(method, "hidden state", (), 0, np.zeros(0), {}, notices=notices)


class _Work:
    """The steps of one model."""

    def __init__(
        self, corpus: ModelCorpus, captured: Capture, config: Config, engine: Engine
    ) -> None:
        self._corpus, self._captured = corpus, captured
        self._seed, self._engine = config.seed, engine
        layers = captured.layers
        self._calls = [
            CallHeads((layer.module, layer.module_call), layer.numbers, layer.query_axis)
            for layer in layers
            if layer.line == INTERFACE
        ]
        self._rows = np.repeat(
            [layer.line == INTERFACE for layer in layers], [layer.heads for layer in layers]
        )
        self._model = MeasuredModel(corpus.loaded, tuple(sorted(corpus.axes)), corpus.spec)
        most = config.effects.documents if config.effects is not None else 0
        self._documents = drawn(corpus, most, self._seed)
        self._labels = _labels(corpus)
        self._plans = self._plan()

    def effects(self, method: Method, estimate: bool) -> ModelEffects:
        """All effects by a method, measured or estimated."""
        corpus, captured, engine = self._corpus, self._captured, self._engine
        measure = next(iter(self._plans.values())).measure
        estimated = estimate and measure != "hidden state"
        work = work_in_words(
            corpus.name, len(self._documents), captured, self._plans, estimated=estimated
        )
        engine.note(work)
        pairs = others(corpus, self._documents, self._seed) if method == "resample" else {}
        documents = [n for n in self._documents if method != "resample" or n in pairs]
        notices = [
            left_out_notice(corpus.name, captured, self._plans),
            unpaired_notice(corpus.name, method, len(self._documents) - len(documents)),
            not_estimated_notice(corpus.name) if estimate and not estimated else None,
        ]
        groups = grouped(corpus, documents)
        instead = list(self._instead(method, groups, pairs))
        pieces = self._estimates(groups, instead) if estimated else self._pieces(groups, instead)
        tokens, values, by_label = self._together(groups, pieces)
        checked = None
        if estimated:
            sample = self._documents_to_check(documents)
            checked = len(sample), self._error(values["loss"], sample, method, pairs)
            notices.append(estimate_notice(corpus.name, *checked))
        remarks = [notice for notice in notices if notice is not None]
        for notice in remarks:
            engine.note(notice.message)
        return ModelEffects(
            method=method,
            measure=measure,
            documents=tuple(self._documents),
            taken=sum(document is not None for document in corpus.inputs),
            tokens=tokens,
            values={name: values[name] for name in sorted(values, key=kind)},
            by_label=by_label,
            checked=checked,
            notices=remarks,
        )

    def _documents_to_check(self, documents: Sequence[int]) -> list[int]:
        """Those that estimates are held against measurements on."""
        chance = {n: np.random.default_rng((self._seed, n, 1)).random() for n in documents}
        return sorted(sorted(documents, key=lambda number: chance[number])[:CHECKED])

    def _error(
        self, estimates: Array, documents: Sequence[int], method: Method, pairs: Mapping[int, int]
    ) -> EstimateError:
        """How far estimates (2, heads, documents) are from what is measured on some documents."""
        groups = grouped(self._corpus, documents)
        instead = list(self._instead(method, groups, pairs))
        _, values, _ = self._together(groups, self._pieces(groups, instead))
        order = [self._documents.index(number) for number in documents]
        measured, guessed = values["loss"][0][:, order], estimates[0][:, order]
        known = ~np.isnan(measured) & ~np.isnan(guessed)
        off = np.abs(measured - guessed)[known]
        means = np.nanmean(np.stack([measured, guessed])[:, known.any(-1)], -1)  # (2, heads)
        vary = bool((np.ptp(means, -1) > 0).all())
        rank = float(spearmanr(*means).statistic) if vary else None
        return EstimateError(float(off.mean()), float(off.max()), rank)

    def _estimates(
        self, groups: Sequence[Sequence[int]], instead: Sequence[Instead]
    ) -> Iterator[Piece[int]]:
        steps = [
            estimate_batch.of(
                self._model,
                self._corpus.family,
                self._plans[axes_of(input_of(self._corpus, group[0]))],
                inputs_of(self._corpus, group),
                self._calls,
                self._seed,
                instead=what,
            )
            for group, what in zip(groups, instead, strict=True)
        ]
        sizes = [float(sum(longest(self._corpus, number) for number in group)) for group in groups]
        return self._run(f"estimates of {self._corpus.name}", steps, sizes)

    def _plan(self) -> dict[Axes, EffectsPlan]:
        """How it is measured, by the axes of documents, tried on the shortest of each."""
        keys = [each.call for each in self._calls]
        plans = {}
        for axes, number in shortest_by_axes(self._corpus, self._documents).items():
            document = input_of(self._corpus, number)
            step = plan_effects.of(self._model, self._corpus.family, document, keys, self._seed)
            plans[axes] = self._engine.run(self._placed(step)).value
        return plans

    def _instead(
        self, method: Method, groups: Sequence[Sequence[int]], pairs: Mapping[int, int]
    ) -> Iterator[Instead]:
        """What replaces heads in each group."""
        corpus = self._corpus
        if method == "mean":
            places = Places(_special_ids(corpus))
            step = mean_outputs.of(
                self._model,
                corpus.family,
                next(iter(self._plans.values())),
                [inputs_of(corpus, group) for group in groups],
                self._calls,
                places,
                self._seed,
            )
            folder = self._engine.run(self._placed(step)).folder
            yield from (Instead(means=folder, places=places) for _ in groups)
        else:
            for group in groups:
                lenders = (input_of(corpus, pairs[number]) for number in group if pairs)
                yield Instead(others=tuple(lenders))

    def _pieces(
        self, groups: Sequence[Sequence[int]], instead: Sequence[Instead]
    ) -> Iterator[Piece[int]]:
        corpus = self._corpus
        steps = [
            measure_batch.of(
                self._model,
                corpus.family,
                self._plans[axes_of(input_of(corpus, group[0]))],
                inputs_of(corpus, group),
                self._calls,
                self._seed,
                instead=what,
                labels=self._labels,
            )
            for group, what in zip(groups, instead, strict=True)
        ]
        sizes = [float(sum(longest(corpus, number) for number in group)) for group in groups]
        return self._run(f"effects of {corpus.name}", steps, sizes)

    def _run(
        self, title: str, calls: Sequence[Call[int]], sizes: Sequence[float]
    ) -> Iterator[Piece[int]]:
        """The results of batches, by several processes where the model is small."""
        calls = [self._placed(call) for call in calls]
        if self._model.is_small and self._model.can_travel:
            return self._engine.try_and_fan_out(title, calls, sizes)
        return self._engine.each(title, calls, sizes)

    def _placed(self, call: Call[T]) -> Call[T]:
        """A call of the model, on one thread where it is small: threads wait for each other's small
        products, and the result is the same whatever process makes it."""
        return call.on_one_thread() if self._model.is_small else call

    def _together(
        self, groups: Sequence[Sequence[int]], pieces: Iterator[Piece[int]]
    ) -> tuple[Array, dict[str, Array], dict[tuple[str, str, str], Array]]:
        """Tokens of each document, means by name, and means by name, label and value."""
        order = {number: place for place, number in enumerate(self._documents)}
        tokens = np.zeros(len(self._documents))
        values: dict[str, Array] = {}
        sums: dict[str, Array] = {}
        for piece, group in zip(pieces, groups, strict=True):
            places = [order[number] for number in group]
            tokens[places] = piece.value
            for file in sorted(piece.folder.glob("*.npy")):
                table = np.load(file)
                if "-by-" in file.stem:
                    sums[file.stem] = sums.get(file.stem, 0.0) + np.nan_to_num(table)
                else:
                    shape = 2, len(self._rows), len(self._documents)
                    of_name = values.setdefault(file.stem, np.full(shape, np.nan))
                    columns = np.moveaxis(table / max(piece.value, 1), -1, 0)
                    for place, column in zip(places, columns, strict=True):
                        of_name[:, self._rows, place] = column
        return tokens, values, self._by_label(sums)

    def _by_label(self, sums: Mapping[str, Array]) -> dict[tuple[str, str, str], Array]:
        means = {}
        for place, (label, of_label) in enumerate(self._labels.items()):
            counts = sums.get(f"count-by-{place}", np.zeros(len(of_label)))
            for name in [n for n in sums if n.endswith(f"-by-{place}") and n[:5] != "count"]:
                for code, value in enumerate(of_label):
                    if counts[code]:
                        column = np.full((2, len(self._rows)), np.nan)
                        column[:, self._rows] = sums[name][:, :, code] / counts[code]
                        means[name.removesuffix(f"-by-{place}"), label, value] = column
        return means


def _special_ids(corpus: ModelCorpus) -> tuple[int, ...]:
    """The ids of all special tokens of the corpus, ascending."""
    ids: set[int] = set()
    for document in corpus.inputs:
        for axis in document.axes.values() if document is not None else ():
            ids.update(np.unique(axis.ids[axis.special]).tolist())
    return tuple(sorted(ids))


def _labels(corpus: ModelCorpus) -> Labels:
    """The labels of tokens that have few values, with these."""
    of_labels: dict[str, set[str]] = {}
    for document in corpus.inputs:
        for axis in document.axes.values() if document is not None else ():
            for name, labels in axis.labels.items():
                of_labels.setdefault(name, set()).update(x for x in labels if x is not None)
    return {
        name: tuple(sorted(values))
        for name, values in sorted(of_labels.items())
        if 1 < len(values) <= MOST_VALUES
    }
