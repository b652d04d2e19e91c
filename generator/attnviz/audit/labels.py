"""Labels as tests, counted again from stored attention: precision, recall, and counter-examples."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

import numpy as np

from attnviz.audit.findings import Findings
from attnviz.audit.stored_layer import StoredLayer
from attnviz.audit.tolerance import Slack
from attnviz.config.head_labels import compile_pattern
from attnviz.documents.tokens import Tokens
from attnviz.errors import ReportError
from attnviz.format.manifest import CounterExample, Head, LabelFigures, LabelKind, Model
from attnviz.heads.awake import LEAST_AWAKE
from attnviz.heads.bands import text_number
from attnviz.heads.counter_examples import KEPT, LEAST
from attnviz.heads.label_figures import LabelFigure, LabelTests, means_of_others
from attnviz.heads.label_tests import FITS, THRESHOLD, CountingPairs, half_of
from attnviz.heads.statistic import Block, SeeingRows
from attnviz.score import Array

TokensOf = Callable[[str, int], Tokens | None]
"""A document's tokens on an axis, by name and number."""

_CAPTURED: Final = 1e-6
"""Between the captured attention that figures are of and the eager one of certificates."""
_HALVES: Final = "labels over held-out documents, where a model reads more than text"
_AGAINST: Final = "counter-examples of labels, where a model reads more than text"
_WHOLE: Final = (0, 1)
_HELD_OUT: Final = (1,)


class LabelAudit:
    """Counts a layer's labels over documents: `add` each block, then `compare`."""

    def __init__(self, layer: StoredLayer, tokens: TokensOf) -> None:
        self._layer, self._tokens = layer, tokens
        kinds = [kind for kind in layer.model.labels if kind.test is not None]
        for kind in kinds:
            _check_patterns(kind)
        self.tests = tuple(kind.test for kind in kinds if kind.test is not None)
        self._names = [kind.name for kind in kinds]
        heads = len(layer.heads)
        self._labels = LabelTests(heads, self.tests, True)
        # By half, head and label the rows of which another key may be the largest.
        self._near = np.zeros((2, heads, len(self.tests)))
        certificates = [head.certificate for head in layer.heads]
        self._errors = np.array(
            [of.max_error * (1 + of.sampled) + _CAPTURED for of in certificates]
        )
        self._all_text = True
        self._examples: dict[int, list[tuple[int, CounterExample]]] = {}
        for number, head in enumerate(layer.heads):
            for example in head.counter_examples:
                self._examples.setdefault(example.document, []).append((number, example))
        self._pairs: list[tuple[int, CounterExample, bool, float]] = []

    def content(self, document: int) -> int:
        """The number of a document by its content; another one where text is not all that counts:
        then halves and counter-examples are not compared."""
        axes = sorted(axis.name for axis in self._layer.model.axes)
        tokens = [self._tokens(axis, document) for axis in axes]
        number = text_number([each for each in tokens if each is not None])
        self._all_text &= number is not None
        return document if number is None else number

    def add(self, block: Block) -> None:
        """Take in a block of rows, whose traits have the tests."""
        rows = SeeingRows.of(block)
        if rows is None:
            return
        self._labels.add(rows)
        self._look_up(block)
        for sinks in (False, True):
            pairs = CountingPairs.of(rows, self.tests, sinks)
            if pairs is not None:
                self._near[half_of(block.content)][:, pairs.tested] += self._unsure(rows, pairs)

    def _unsure(self, rows: SeeingRows, pairs: CountingPairs) -> Array:
        """How many rows have a key that a label holds for and another that are as strong as storage
        tells, (heads, labels)."""
        unsure = []
        for holds in pairs.holds:
            fits = np.where(holds, rows.attention, -1).max(-1)  # (head, row)
            others = np.where(pairs.counts & ~holds, rows.attention, -1).max(-1)
            near = (abs(fits - others) <= 2 * self._errors[:, None]) & (fits >= 0) & (others >= 0)
            unsure.append(near.sum(-1))
        return np.stack(unsure, 1)

    def compare(self, findings: Findings, slack: Slack) -> None:
        """Hold what the report states of the layer's heads against what was counted."""
        figures, against = self._labels.figures(), self._labels.counter_examples()
        for number, example, holds, stored in self._pairs:
            place = self._layer.place(self._layer.heads[number])
            pair = f"{example.document}, {example.query}, {example.key}"
            findings.compare(
                place, f"label {example.label} holds for {pair}", stated=False, recomputed=holds
            )
            findings.compare(
                place, f"label {example.label}, attention of {pair}", stated=example.attention,
                recomputed=stored, allowed=float(self._errors[number]),
            )  # fmt: skip
        for number, head in enumerate(self._layer.heads):
            place = self._layer.place(head)
            again = {self._names[of.label]: of for of in figures[number]}
            stated = {of.label: of for of in head.label_figures}
            findings.compare(
                place, "labels that are tests", stated=", ".join(stated),
                recomputed=", ".join(again),
            )  # fmt: skip
            for name in stated.keys() & again.keys():
                self._compare_figures(findings, slack, number, stated[name], again[name])
            if not self._all_text:
                findings.skip(_HALVES, 2 * len(stated))
                findings.skip(_AGAINST, len(stated))
                continue
            had = {label.name for label in (*head.labels, *head.awake_labels)}
            for name in stated.keys() & had:
                weights = [
                    weight for label, _, _, _, weight in against[number]
                    if self._names[label] == name
                ]  # fmt: skip
                self._compare_against(findings, number, name, weights)

    def _compare_figures(
        self,
        findings: Findings,
        slack: Slack,
        head: int,
        stated: LabelFigures,
        again: LabelFigure,
    ) -> None:
        sums, label = self._labels.sums, again.label
        place = self._layer.place(self._layer.heads[head])
        for halves, prefix in ((_WHOLE, ""), (_HELD_OUT, "held_out_")):
            if prefix and not self._all_text:
                continue
            chosen = list(halves)
            total = float(sums.all[chosen, head, label].sum())
            rows = float(sums.rows[chosen, label].sum())
            seeing = float(sums.seeing[chosen, label].sum())
            near = float(self._near[chosen, head, label].sum())
            share = float(np.broadcast_to(slack.share(total or 1.0), self._errors.shape)[head])
            little = abs(total - LEAST_AWAKE * rows) <= share * max(total, 1.0) + 1e-6
            precision = getattr(again, f"{prefix}precision")
            stated_precision = getattr(stated, f"{prefix}precision")
            if not (little and (precision is None) != (stated_precision is None)):
                findings.compare(
                    place, f"label {stated.label}, {prefix}precision", stated=stated_precision,
                    recomputed=precision, allowed=min(1.0, 2 * share),
                )  # fmt: skip
            findings.compare(
                place, f"label {stated.label}, {prefix}recall",
                stated=getattr(stated, f"{prefix}recall"),
                recomputed=getattr(again, f"{prefix}recall"), allowed=near / max(1.0, seeing),
            )  # fmt: skip

    def _compare_against(
        self, findings: Findings, number: int, name: str, weights: list[float]
    ) -> None:
        """Whether the strongest pairs against a label are as strong as stated, pair by pair from
        the strongest on: no order of attention changes by more than its error."""
        head, error = self._layer.heads[number], float(self._errors[number])
        stated = [of.attention for of in head.counter_examples if of.label == name]
        for rank in range(KEPT):
            pair = [values[rank] if rank < len(values) else None for values in (stated, weights)]
            if None in pair and max(each or 0 for each in pair) <= LEAST + error:
                continue
            findings.compare(
                self._layer.place(head), f"label {name}, attention of counter-example {rank}",
                stated=pair[0], recomputed=pair[1], allowed=error,
            )  # fmt: skip

    def _look_up(self, block: Block) -> None:
        """Whether labels hold for the counter-examples in a block, and how strong they are."""
        first = block.intervals.first
        for number, example in self._examples.get(block.document, ()):
            row = example.query - first
            if not 0 <= row < block.attention.shape[1]:
                continue
            mask = block.traits.tests[self._names.index(example.label)]
            at = np.array([example.query])
            holds = mask is None or bool(mask.pairs(at, block.intervals.keys)[0, example.key])
            stored = float(block.attention[number, row, example.key])
            self._pairs.append((number, example, holds, stored))


def _check_patterns(kind: LabelKind) -> None:
    """Raises ReportError if a label has a pattern that is none."""
    for tokens in (kind.test and kind.test.query, kind.test and kind.test.key):
        try:
            compile_pattern((tokens and tokens.pattern) or "")
        except (re.error, OverflowError, RecursionError) as error:
            raise ReportError(
                f"manifest.json: label {kind.name!r}: {tokens and tokens.pattern!r} is no regular"
                f" expression ({error})"
            ) from None


def compare_labels(model: Model, findings: Findings) -> None:
    """What follows from precisions and recalls of all heads: means over others, statistics of
    declared labels, and who has them."""
    numbers = {kind.name: number for number, kind in enumerate(model.labels)}
    figures = [
        [
            LabelFigure(numbers[of.label], of.precision, of.recall, None, None)
            for of in head.label_figures
        ]
        for head in model.heads
    ]
    declared = [kind.name for kind in model.labels if kind.declared]
    for head, others in zip(model.heads, means_of_others(figures), strict=True):
        place = f"{model.name} {model.head_id(head)}"
        for of in head.label_figures:
            precision, recall = others[numbers[of.label]]
            findings.compare(
                place, f"label {of.label}, precision of others", stated=of.others_precision,
                recomputed=precision, allowed=_ROUNDED,
            )  # fmt: skip
            findings.compare(
                place, f"label {of.label}, recall of others", stated=of.others_recall,
                recomputed=recall, allowed=_ROUNDED,
            )  # fmt: skip
            if of.label in declared:
                _compare_declared(place, head, of, findings)


_ROUNDED: Final = 1e-6


def _compare_declared(place: str, head: Head, of: LabelFigures, findings: Findings) -> None:
    """The statistic of a declared label, and its score where the head has it."""
    findings.compare(
        place, f"statistic {FITS}{of.label}", stated=head.statistics.get(f"{FITS}{of.label}"),
        recomputed=of.precision, allowed=_ROUNDED,
    )  # fmt: skip
    earned = of.precision if (of.precision or 0) >= THRESHOLD else None
    lists = [head.awake_labels] if head.statistics.get("rest") is not None else [head.labels]
    for labels in lists:
        scores = {label.name: label.score for label in labels}
        findings.compare(
            place, f"label {of.label}", stated=scores.get(of.label), recomputed=earned,
            allowed=_ROUNDED,
        )  # fmt: skip
