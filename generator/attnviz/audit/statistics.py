"""Statistics of heads, labels, offsets, deciles, typical documents and token pairs, recomputed from
stored attention."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from attnviz.audit.findings import Findings
from attnviz.audit.labels import LabelAudit
from attnviz.audit.stored_layer import StoredDocument, StoredLayer
from attnviz.audit.tolerance import Slack, tolerance
from attnviz.audit.value_range import ValueRange
from attnviz.documents.tokens import Tokens
from attnviz.format.manifest import Certificate
from attnviz.heads.awake import AWAKE, LEAST_AWAKE, NARROW
from attnviz.heads.carried import CarriedStatistics
from attnviz.heads.catalogue import AWAKE_NEEDLE, AWAKE_PROBES, NEEDLE, PROBES
from attnviz.heads.component_columns import COMPONENTS
from attnviz.heads.label_tests import FITS, pair_masks
from attnviz.heads.labels import LABELS, LabelRule, awake_evidence
from attnviz.heads.pairs import Types
from attnviz.heads.series_columns import SERIES
from attnviz.heads.statistic import Block
from attnviz.heads.statistics import HeadStatistics
from attnviz.heads.sums import Count
from attnviz.heads.traits import Traits, traits_of
from attnviz.heads.vectors import VectorStatistics
from attnviz.score import Array

TokensOf = Callable[[str, int], Tokens | None]
"""A document's tokens on an axis, by name and number."""

LabelsOf = Callable[[int], Mapping[str, str | None]]
"""A document's own labels by column, by number."""

_OF_NEEDLE = frozenset(column.name for column in (*NEEDLE, *AWAKE_NEEDLE))
_PROBED = frozenset(column.name for column in (*PROBES, *AWAKE_PROBES)) | _OF_NEEDLE
_CARRIED = frozenset(column.name for column in CarriedStatistics.COLUMNS)
_VECTORS = frozenset(column.name for column in VectorStatistics.COLUMNS)
_OF_GRIDS = frozenset(("patch_distance", "same_row", "same_column", "neighbours", "unplaced"))
_OF_COMPONENTS = frozenset(column.name for column in COMPONENTS)
_OF_SEPARATORS = frozenset(("separator",))


class LayerAudit:
    """Collects a layer's statistics over documents: `add` each, then `compare`."""

    def __init__(
        self,
        layer: StoredLayer,
        tokens: TokensOf,
        types: tuple[Types, Types] | None,
        labels: LabelsOf,
    ) -> None:
        self._layer, self._tokens, self._types = layer, tokens, types
        self._document_labels = labels
        sinks = layer.heads[0].sink is not None
        self._sums = HeadStatistics(len(layer.heads), sinks, types)
        self._rows, self._longest = 0, 0
        self._vectors = True
        self._values = ValueRange(len(layer.heads), layer.lengths_error)
        self._separator = layer.model.separator
        self._tests = LabelAudit(layer, tokens)

    def add(self, document: StoredDocument) -> None:
        """Take in a document."""
        vectors = document.vectors
        if vectors is None:
            self._vectors = False
        elif self._vectors:
            self._sums.add_vectors(*vectors)
        if document.values is not None:
            self._sums.add_values(document.values)
            self._values.add(document.values)
        traits = self._traits(document)
        content = self._tests.content(document.document)
        for rows in document.intervals.blocks(len(document.heads)):
            intervals = document.intervals.rows(rows)
            attention = document.attention(rows)  # (head, row, key)
            block = Block(
                document.document,
                attention,
                intervals,
                traits,
                self._layer.cross,
                document.values,
                content,
            )
            self._sums.add(block)
            self._tests.add(block)
        self._rows += int(document.intervals.defined.sum())
        self._longest = max(self._longest, document.intervals.keys)

    def _traits(self, document: StoredDocument) -> Traits:
        stack, number = self._layer.stack, document.document
        key, query = self._tokens(stack.key_axis, number), self._tokens(stack.query_axis, number)
        types = None
        if self._types is not None and key is not None and query is not None:
            types = self._types[0].of(query.ids), self._types[1].of(key.ids)
        keys = document.intervals.keys
        rests = stack.resting
        traits = traits_of(
            key, keys, self._separator, self._layer.cross, types, resting=rests, queries=query
        )
        labels = self._document_labels(number)
        tests = pair_masks(
            self._tests.tests, query, key, self._separator, self._layer.cross, labels
        )
        return replace(traits, tests=tests)

    def compare(self, findings: Findings) -> None:
        """Hold what the report states of the layer's heads against what was collected."""
        heads = self._layer.heads
        slack = Slack(
            variation=np.array([_variation(head.certificate) for head in heads]),
            rows=self._rows,
            longest=self._longest,
            sink=heads[0].sink is not None,
        )
        self._statistics(findings, slack)
        self._labels(findings, slack)
        self._offsets(findings, slack)
        self._deciles(findings, slack)
        self._typical(findings)
        self._pairs(findings, slack)
        self._waking(findings, slack)
        self._tests.compare(findings, slack)

    def _statistics(self, findings: Findings, slack: Slack) -> None:
        values, counts = self._sums.values(), self._sums.counts()
        for statistic in self._layer.model.statistics:
            name = statistic.name
            if name.startswith(FITS):
                continue  # compared with the precision that it is
            if name in _OF_SERIES:  # `series` compares these, of two models
                continue
            if name in _OF_COMPONENTS:  # `components` compares these, of queries and keys
                continue
            stated = [head.statistics.get(name) for head in self._layer.heads]
            if reason := self._unknowable(name, stated):
                errors = sum(name in head.standard_errors for head in self._layer.heads)
                findings.skip(reason, len(stated) + errors)
                continue
            again = _column(values, name)
            allowed = (
                _VECTOR_TOLERANCE * np.abs(again)
                if name in _VECTORS
                else self._values.tolerance(slack, counts.get(name), again)
                if name in _CARRIED
                else _positional(slack)
                if name == "positional"
                else self._asleep(slack, counts["asleep"])
                if name == "asleep"
                else tolerance(name, slack, counts.get(name, self._rows), again)
            )
            unsure = self._little(name, slack)
            for number, (head, value, other, most) in enumerate(
                zip(self._layer.heads, stated, again, np.nan_to_num(allowed), strict=True)
            ):
                if unsure[number] and (value is None) != np.isnan(other):
                    continue
                findings.compare(
                    self._layer.place(head),
                    f"statistic {name}",
                    stated=value,
                    recomputed=float(other),
                    allowed=float(most),
                )

    def _unknowable(self, name: str, stated: Sequence[float | None]) -> str | None:
        """Why a statistic cannot be recomputed; None where it can."""
        nothing = all(value is None for value in stated)
        if name in _OF_NEEDLE:
            return "probes on long texts, which are not in the report"
        if name in _PROBED:
            return "probes on random tokens, which are not in the report"
        if name.startswith(("effect_", "effect:", "effect_control:")):
            return "passes of the model with a head replaced"
        if name in _CARRIED and not self._values.known:
            return "lengths of values, which are not in the report"
        if name in _VECTORS and not self._vectors:
            return "lengths and ranks of queries and keys, where a document is stored as attention"
        if name in _OF_GRIDS and nothing:
            return "places of patches, of a picture that is not what the model reads"
        if name in _OF_SEPARATORS and self._separator is None and not nothing:
            return "separators, which the report does not name"
        return None

    def _asleep(self, slack: Slack, count: Count) -> Array:
        """Rows that may be asleep or awake: those of which about half rests, and as many as may be
        off by more than that."""
        share: Array = self._sums.awake.narrow + slack.share(count) / NARROW
        return share.clip(max=1.0)

    def _little(self, name: str, slack: Slack) -> Array:
        """Of which heads, (heads,) bool, about as little is awake as nothing is said of."""
        shares = self._sums.awake.shares()
        if name not in shares:
            return np.zeros(len(self._layer.heads), bool)
        little: Array = abs(shares[name] - LEAST_AWAKE) <= slack.share(self._rows) + 1e-6
        return little

    def _labels(self, findings: Findings, slack: Slack) -> None:
        """Each label's score, and whether a head that has evidence for a label has it."""
        self._labels_of(findings, slack, "")
        if any(statistic.name == "rest" for statistic in self._layer.model.statistics):
            self._labels_of(findings, slack, AWAKE)

    def _labels_of(self, findings: Findings, slack: Slack, awake: str) -> None:
        """Labels by the evidence whose names begin with `awake`, without it."""
        evidence, counts = self._sums.evidence(), self._sums.evidence_counts()
        for number, head in enumerate(self._layer.heads):
            labels = head.awake_labels if awake else head.labels
            scores = {label.name: label.score for label in labels}
            errors = {label.name: label.standard_error for label in labels}
            known = evidence[number] | {name: head.statistics.get(name) for name in _PROBED}
            known_errors = head.standard_errors
            if awake:
                known = awake_evidence(known)
                known_errors = _without(awake, known_errors)
            title = "awake label" if awake else "label"
            sure: dict[str, bool | None] = {}
            for rule in self._rules():
                again = rule.score(known)
                most = self._evidence_slack(f"{awake}{rule.evidence}", slack, counts, number)
                sure[rule.name] = _has(again, rule.threshold, most)
                before = [sure[name] for name in rule.unless]
                if True in before:
                    sure[rule.name] = False
                elif None in before and sure[rule.name]:
                    sure[rule.name] = None
                place = self._layer.place(head)
                if sure[rule.name] is None and rule.name not in scores:
                    continue
                if rule.evidence == "separator" and self._separator is None:
                    continue
                findings.compare(
                    place,
                    f"{title} {rule.name}",
                    stated=scores.get(rule.name),
                    recomputed=None if sure[rule.name] is False else again,
                    allowed=most,
                )
                findings.compare(
                    place,
                    f"standard error of {title} {rule.name}",
                    stated=errors.get(rule.name),
                    recomputed=rule.standard_error(known_errors) if rule.name in scores else None,
                )

    def _rules(self) -> list[LabelRule]:
        """attnviz's own labels, as far as what they go by was measured."""
        measured = {statistic.name for statistic in self._layer.model.statistics}
        return [rule for rule in LABELS if not rule.asked or rule.evidence in measured]

    def _evidence_slack(
        self, name: str, slack: Slack, counts: Mapping[str, Count], number: int
    ) -> float:
        if name in _PROBED:
            return 0.0
        if name == "positional":
            return float(_positional(slack)[number])
        value = np.zeros(len(self._layer.heads))
        allowed = tolerance(name, slack, counts.get(name, self._rows), value)
        return float(np.nan_to_num(allowed)[number])

    def _offsets(self, findings: Findings, slack: Slack) -> None:
        counts, profiles = self._sums.offset_counts(), self._sums.profiles()
        for number, head in enumerate(self._layer.heads):
            if head.offsets is None:
                continue
            for place, (count, stated, again) in enumerate(
                zip(counts, head.offsets, profiles[number], strict=True)
            ):
                allowed = slack.share(max(count, 1))[number]
                findings.compare(
                    self._layer.place(head),
                    f"attention at offset {place - 16}",
                    stated=stated,
                    recomputed=again,
                    allowed=float(allowed),
                )

    def _deciles(self, findings: Findings, slack: Slack) -> None:
        """A tenth of the rows may be off by ten times the mean."""
        far = slack.entropy((10 * slack.share(self._rows)).clip(max=1.0)) + 1 / 256
        for head, again, most in zip(self._layer.heads, self._sums.deciles(), far, strict=True):
            for step, (stated, other) in enumerate(zip(head.entropy_deciles, again, strict=False)):
                findings.compare(
                    self._layer.place(head),
                    f"entropy, decile {step}",
                    stated=stated,
                    recomputed=other,
                    allowed=float(most),
                )

    def _typical(self, findings: Findings) -> None:
        """How focused the head is in each of its typical documents, by the order of documents."""
        _, again = self._sums.typical()
        for number, (head, other) in enumerate(zip(self._layer.heads, again, strict=True)):
            worst = head.certificate.worst_total_variation + 1e-6
            slack = Slack(np.array([worst]), 1, self._longest, head.sink is not None)
            allowed = float(slack.entropy(slack.share(1))[0] / np.log(2))
            for document, stated in zip(head.typical, head.focus, strict=False):
                findings.compare(
                    self._layer.place(head),
                    f"focus in document {document}",
                    stated=stated,
                    recomputed=float(self._sums.focus(document)[number]),
                    allowed=allowed,
                )
            for step, (stated, value) in enumerate(zip(head.focus, other, strict=False)):
                findings.compare(
                    self._layer.place(head),
                    f"focus, step {step}",
                    stated=stated,
                    recomputed=value,
                    allowed=allowed,
                )

    def _pairs(self, findings: Findings, slack: Slack) -> None:
        """The share and the lift of each token pair that is named."""
        allowed = slack.share(self._rows)
        for number, head in enumerate(self._layer.heads):
            for pair in head.pairs:
                share, lift = self._sums.pair(number, pair.query, pair.key)
                most = float(allowed[number])
                place, name = self._layer.place(head), f"pair {pair.query!r} {pair.key!r}"
                findings.compare(
                    place, f"{name}, share", stated=pair.share, recomputed=share, allowed=most
                )
                relative = most / share if share else 1.0
                findings.compare(
                    place, f"{name}, lift", stated=pair.lift, recomputed=lift,
                    allowed=0.006 + lift * relative,
                )  # fmt: skip

    def _waking(self, findings: Findings, slack: Slack) -> None:
        """How often rows of each type are awake that is said to wake a head."""
        counts = self._sums.counts()
        unsure = self._asleep(slack, counts["asleep"]) * np.asarray(counts["asleep"])
        for number, head in enumerate(self._layer.heads):
            for waking in head.waking:
                rate, rows = self._sums.awake.wakes(number, waking.token)
                place, name = self._layer.place(head), f"waking {waking.token!r}"
                allowed = min(1.0, float(unsure[number]) / max(1, rows))
                findings.compare(
                    place, f"{name}, rate", stated=waking.rate, recomputed=rate, allowed=allowed
                )
                findings.compare(place, f"{name}, rows", stated=waking.rows, recomputed=rows)


_VECTOR_TOLERANCE = 0.02
_OF_SERIES = frozenset(column.name for column in SERIES)


def _without(start: str, values: Mapping[str, float]) -> dict[str, float]:
    """The values whose names begin so, by what follows."""
    return {n.removeprefix(start): value for n, value in values.items() if n.startswith(start)}


def _positional(slack: Slack) -> Array:
    share: Array = (20 * slack.variation + 1e-4).clip(max=1.0)
    return share


def _column(values: Sequence[dict[str, float | None]], name: str) -> Array:
    column = [of_head.get(name) for of_head in values]
    return np.array([np.nan if value is None else value for value in column])


def _variation(certificate: Certificate) -> float:
    """The mean, and of a sample as much more as it may well be off."""
    return certificate.total_variation + 4 * (certificate.total_variation_standard_error or 0.0)


def _has(score: float | None, threshold: float, allowed: float) -> bool | None:
    """Whether a score reaches a threshold; None where it may or may not."""
    if score is None:
        return False
    if abs(score - threshold) <= allowed + 1e-9:
        return None
    return score >= threshold
