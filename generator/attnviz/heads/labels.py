"""What each head does, in words: labels by evidence and threshold. docs/reference/head-labels.md
has their sources.

Evidence is a statistic over rows that see at least 8 keys, or a probe, on random tokens said twice
or on a needle in long texts, less the same on a control. Labels come from nothing else, least of
all from a head's index. A head may have several, or none.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.format.pair_tests import PairTest, TokenTest
from attnviz.heads.awake import AWAKE
from attnviz.heads.declared_labels import DeclaredLabel
from attnviz.heads.offsets import NEAR

Evidence = Mapping[str, float | None]


@dataclass(frozen=True)
class LabelRule:
    """A head has the label where its evidence, less its control, reaches the threshold, and where
    it has none of the labels of `unless`, which say more."""

    name: str
    title: str
    evidence: str
    threshold: float
    description: str
    unless: tuple[str, ...] = ()
    control: str | None = None
    test: PairTest | None = None
    """of which pairs it holds; None where it says nothing of single pairs"""
    asked: bool = False
    """whether its evidence is there only where the corpus asks for it"""

    def score(self, evidence: Evidence) -> float | None:
        """The evidence less its control; None where there is no evidence."""
        value = evidence.get(self.evidence)
        return None if value is None else value - (evidence.get(self.control or "") or 0.0)

    def standard_error(self, errors: Mapping[str, float]) -> float | None:
        """Of the score, from those of statistics by name; evidence and control are of texts drawn
        apart, so that their variances add. None where the score is exact."""
        if self.evidence not in errors:
            return None
        return float(np.hypot(errors[self.evidence], errors.get(self.control or "", 0.0)))


_OFFSETS: Final = ("previous-token", "next-token", "self")


def _at_offset(offset: int) -> PairTest:
    return PairTest(least_offset=offset, greatest_offset=offset)


LABELS: Final = (
    LabelRule(
        "previous-token",
        "Previous token",
        "previous",
        0.5,
        "attends to the token before",
        test=_at_offset(-1),
    ),
    LabelRule(
        "next-token", "Next token", "next", 0.5, "attends to the token after", test=_at_offset(1)
    ),
    LabelRule(
        "self", "Same position", "self", 0.5, "attends to the token itself", test=_at_offset(0)
    ),
    LabelRule(
        "first-token",
        "First token",
        "first",
        0.5,
        "attends to the first token, often as a place to rest",
        test=PairTest(key=TokenTest(first=0, last=0), sinks=True),
    ),
    LabelRule(
        "separator",
        "Separators",
        "separator",
        0.6,
        "attends to separators such as [SEP]",
        test=PairTest(key=TokenTest(kind="separator"), sinks=True),
    ),
    LabelRule(
        "punctuation",
        "Punctuation",
        "punctuation",
        0.6,
        "attends to punctuation",
        test=PairTest(key=TokenTest(kind="punctuation")),
    ),
    LabelRule(
        "duplicate-token",
        "Duplicate token",
        "duplicate_probe",
        0.4,
        "attends to an earlier occurrence of the token",
        control="duplicate_control",
        test=PairTest(same="token", greatest_offset=-1),
    ),
    LabelRule(
        "induction",
        "Induction",
        "induction",
        0.4,
        "attends to what came after an earlier occurrence of the token",
        control="induction_control",
        test=PairTest(same="after", greatest_offset=0),
    ),
    LabelRule(
        "retrieval",
        "Retrieval",
        "retrieval",
        0.4,
        "attends to what followed the same words far back in a long text",
        control="retrieval_control",
        asked=True,
    ),
    LabelRule(
        "local",
        "Local",
        "near",
        0.7,
        "attends to tokens at most 3 places away",
        _OFFSETS,
        test=PairTest(least_offset=-NEAR, greatest_offset=NEAR),
    ),
    LabelRule(
        "positional", "Positional", "positional", 0.5, "attends by relative position", _OFFSETS
    ),
    LabelRule("broad", "Broad", "evenness", 0.9, "attends to nearly all tokens alike"),
)


def labels_of(evidence: Evidence) -> list[tuple[str, float]]:
    """The labels of a head with their scores, the strongest first; [] where it has none.

    >>> labels_of({"previous": 0.93, "near": 0.97, "positional": 0.9})
    [('previous-token', 0.93)]
    """
    scores: dict[str, float] = {}
    for label in LABELS:
        score = label.score(evidence)
        if score is not None and score >= label.threshold and not scores.keys() & set(label.unless):
            scores[label.name] = score
    return sorted(scores.items(), key=lambda item: -item[1])


def awake_evidence(evidence: Evidence) -> dict[str, float | None]:
    """The evidence of what a head does besides resting, by the names of all evidence.

    >>> awake_evidence({"previous": 0.1, "awake_previous": 0.8})
    {'previous': 0.8}
    """
    return {
        name.removeprefix(AWAKE): value
        for name, value in evidence.items()
        if name.startswith(AWAKE)
    }


def label_heads(evidence: Sequence[Evidence]) -> list[list[tuple[str, float]]]:
    """The labels of each head."""
    return [labels_of(of_head) for of_head in evidence]


def tested_labels(declared: Sequence[DeclaredLabel]) -> dict[str, PairTest]:
    """The tests of all labels that are tests of pairs, by name: attnviz's own, then those that a
    corpus declares."""
    tests = {rule.name: rule.test for rule in LABELS if rule.test is not None}
    return tests | {label.name: label.test for label in declared}
