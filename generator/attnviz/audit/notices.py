"""Notices: whether the figures that they state stand in their words, and are what the report's
shards and its other figures say."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from typing import Final

import numpy as np

from attnviz.audit.findings import Figure, Findings
from attnviz.documents import TEXT_AXIS
from attnviz.format.manifest import AxisEntry, Model, NoticeEntry
from attnviz.reader.documents import AxisTokens, read_tokens
from attnviz.reader.store import ShardStore
from attnviz.writer.sampled_notices import KIND, sampled_notices

_NUMBER: Final = re.compile(r"(?<![\w.,-])\d+(?:,\d{3})*(?:\.\d+)?(?:e[-+]?\d+)?(?!\w)")
_QUOTED: Final = re.compile("“.*”", re.DOTALL)
_PART: Final = re.compile(r"(.*) · part \d+ of \d+", re.DOTALL)

_WORDS: Final = "numbers in the words of notices that are no figures, such as those of layers"
_UNSTORED: Final = "lengths, in notices, of what models did not read, which is not in the report"
_MODEL: Final = "numbers, in notices, of a model's configuration, weights and input sizes"
_BEFORE: Final = "figures of notices of samples from before notices kept their figures"
_ROWS: Final = "rows of data sets and files, in notices, which are not in the report"
_ABOUT: Final = "overlaps of windows, which notices give as about"


def compare_notices(store: ShardStore, findings: Findings) -> None:
    """Hold every notice against the report."""
    models = {model.name: model for model in store.manifest.models}
    for notice in store.manifest.notices:
        subject = _Subject(store, notice, models.get(notice.model or ""))
        place = f"notice {notice.message[:60]!r}"
        _compare_words(place, notice, findings)
        if not subject.is_whole:
            findings.compare(place, "its document and model", stated=False, recomputed=True)
            continue
        if (claim := _CLAIMS.get(notice.kind)) is not None:
            name, holds = claim
            findings.compare(place, name, stated=True, recomputed=holds(subject))
        for name, stated in (notice.figures or {}).items():
            _compare_figure(place, subject, name, stated, findings)
    for model in store.manifest.models:
        _compare_samples(model, store.manifest.notices, findings)


def _compare_words(place: str, notice: NoticeEntry, findings: Findings) -> None:
    """Each figure stands in the message, in order; what other numbers do is not known."""
    numbers = _NUMBER.findall(_QUOTED.sub("", notice.message))
    left = iter(numbers)
    for name, value in (notice.figures or {}).items():
        words = next((number for number in left if _reads(number, value)), None)
        findings.compare(
            place, f"{name} in words", stated=words is not None, recomputed=True
        )  # fmt: skip
    if (others := len(numbers) - len(notice.figures or {})) > 0:
        findings.skip(_WORDS, others)


def _reads(words: str, value: float) -> bool:
    """Whether a number as it is written is this one, to its last digit.

    >>> _reads("1,204", 1204), _reads("0.0053", 0.005309), _reads("0.0054", 0.005309)
    (True, True, False)
    """
    if not math.isfinite(value):
        return False
    written = Decimal(words.replace(",", ""))
    last = Decimal(1).scaleb(int(written.as_tuple().exponent))
    return abs(written - Decimal(value)) <= last / 2


@dataclass(frozen=True)
class _Subject:
    """What a notice is about."""

    store: ShardStore
    notice: NoticeEntry
    model: Model | None

    @property
    def is_whole(self) -> bool:
        """Whether its document and its model are of the report."""
        document, count = self.notice.document, self.store.manifest.documents.count
        return (document is None or 0 <= document < count) and (
            self.model is not None or self.notice.model is None
        )

    @cached_property
    def read(self) -> np.ndarray:
        """Tokens of each document on the axis that has most of it, (documents,)."""
        axes = [self.store.lengths(axis) for axis in self.model.axes] if self.model else []
        return np.max(axes, 0) if axes else np.ones(self.store.manifest.documents.count, np.int64)

    @cached_property
    def lengths(self) -> list[int]:
        """Tokens of its document on each axis of its model; [] without."""
        if self.model is None or self.notice.document is None:
            return []
        return [int(self.store.lengths(axis)[self.notice.document]) for axis in self.model.axes]

    @property
    def text_axis(self) -> AxisEntry | None:
        """The one axis of its model, of texts; None where it has others."""
        axes = self.model.axes if self.model else []
        return axes[0] if len(axes) == 1 and axes[0].kind == TEXT_AXIS else None

    def figure(self, name: str) -> float:
        """What the notice states under a name; NaN where it states nothing."""
        return (self.notice.figures or {}).get(name, math.nan)


_CLAIMS: Final[Mapping[str, tuple[str, Callable[[_Subject], bool]]]] = {
    "left-out": (
        "its document has no tokens",
        lambda of: of.notice.document is None or max(of.lengths, default=0) == 0,
    ),
    "empty": (
        "its document has no tokens",
        lambda of: of.notice.document is None or max(of.lengths, default=0) == 0,
    ),
    "truncated": (
        "its document has tokens",
        lambda of: of.notice.document is None or max(of.lengths, default=1) > 0,
    ),
    "sink": (
        "heads have sinks",
        lambda of: of.model is None or any(head.sink is not None for head in of.model.heads),
    ),
}
"""What notices of some kinds say, beside figures."""


def _compare_figure(place: str, of: _Subject, name: str, stated: float, findings: Findings) -> None:
    if of.notice.kind == KIND:
        return
    again = _AGAIN.get((of.notice.kind, name), _MODEL)
    recomputed = again if isinstance(again, str) else again(of)
    if isinstance(recomputed, str):
        findings.skip(recomputed)
    else:
        findings.compare(place, name, stated=stated, recomputed=recomputed)


_Again = Callable[[_Subject], Figure]
"""A figure anew; a reason in words where it cannot be had."""


def _limit(of: _Subject) -> Figure:
    """A text that was cut has just as many tokens as the model takes."""
    limit = of.figure("limit")
    return limit if limit in of.lengths else max(of.lengths, default=0)


def _longest(of: _Subject) -> Figure:
    """No document is longer than what a model takes."""
    if of.text_axis is None:
        return _MODEL
    return max(of.figure("limit"), int(of.read.max(initial=0)))


def _left_out(of: _Subject) -> Figure:
    """Documents without tokens that no other notice names; where there are several models, some may
    not be meant for this one."""
    manifest = of.store.manifest
    named = {
        notice.document
        for notice in manifest.notices
        if notice.model == of.notice.model and notice.kind in ("left-out", "empty")
    }
    count = int((of.read == 0).sum()) - len(named - {None})
    stated = of.figure("documents")
    return stated if len(manifest.models) > 1 and stated <= count else count


def _windows(of: _Subject) -> Figure:
    """Documents from its own on that are parts of the same text and that its model reads."""
    titles = of.store.column(of.store.manifest.documents.shards, "title")
    first, count = of.notice.document or 0, 0
    start = _PART.fullmatch(str(titles[first]))
    for document in range(first, len(titles)):
        part = _PART.fullmatch(str(titles[document]))
        if start is None or part is None or part[1] != start[1]:
            break
        count += int(of.read[document] > 0)
    return count


def _doubled(of: _Subject) -> Figure:
    """Documents but one that have a special token twice: written in the text, and added."""
    if of.text_axis is None or of.model is None:
        return _UNSTORED
    documents = np.flatnonzero(of.read).tolist()
    count = sum(_has_twice(of.store, of.text_axis, document) for document in documents) - 1
    stated = of.figure("more")
    # Nothing is said of completions, whose prompts the model went on with as they were.
    return stated if stated <= count and _has_parts(of) else count


def _has_twice(store: ShardStore, axis: AxisEntry, document: int) -> bool:
    tokens = _tokens(store, axis, document)
    alike = (tokens.ids[1:] == tokens.ids[:-1]) & tokens.special[1:] & tokens.special[:-1]
    added = tokens.start < 0
    return bool((alike & (added[1:] != added[:-1])).any())


def _has_parts(of: _Subject) -> bool:
    axis = of.text_axis
    return axis is not None and any(
        _tokens(of.store, axis, document).segment.any()
        for document in np.flatnonzero(of.read).tolist()
    )


def _tokens(store: ShardStore, axis: AxisEntry, document: int) -> AxisTokens:
    text = str(store.column(store.manifest.documents.shards, "text")[document])
    return read_tokens(store, axis, document, text)


def _start(of: _Subject, name: str) -> Figure:
    """What the model's entry says that its maps started from."""
    starts = [kind.start for kind in of.model.maps if kind.start] if of.model else []
    return getattr(starts[0], name) if starts else 0


_AGAIN: Final[Mapping[tuple[str, str], _Again | str]] = {
    ("truncated", "limit"): _limit,
    ("truncated", "left_out"): lambda of: (
        next(iter((of.notice.figures or {}).values()), 0) - of.figure("limit")
    ),
    ("truncated", "tokens"): _UNSTORED,
    ("truncated", "frames"): _UNSTORED,
    ("left-out", "tokens"): _UNSTORED,
    ("left-out", "seconds"): _UNSTORED,
    ("left-out", "documents"): _left_out,
    ("left-out", "limit"): _longest,
    ("left-out", "rows"): _ROWS,
    ("left-out", "of"): _ROWS,
    ("kept", "stored"): lambda of: len(of.store.kept(of.model) or ()) if of.model else 0,
    ("kept", "of"): lambda of: int((of.read > 0).sum()),
    ("map-start", "documents"): lambda of: _start(of, "documents"),
    ("map-start", "of"): lambda of: _start(of, "of"),
    ("window", "tokens"): _UNSTORED,
    ("window", "limit"): _longest,
    ("window", "windows"): _windows,
    ("window", "overlap"): _ABOUT,
    ("doubled", "more"): _doubled,
    ("max-length", "limit"): _longest,
}
"""How figures are had anew, by kind of notice and name; or why they cannot be."""


def _compare_samples(model: Model, notices: list[NoticeEntry], findings: Findings) -> None:
    """What is said of figures that were measured on samples, against those figures."""
    stated = [each for each in notices if each.kind == KIND and each.model == model.name]
    if not stated or any(each.figures is None for each in stated):
        findings.skip(_BEFORE, len(stated))
        return
    figures = {name: value for each in stated for name, value in (each.figures or {}).items()}
    again = {n: value for each in sampled_notices(model) for n, value in each.figures.items()}
    for name in sorted(figures | again):
        findings.compare(
            f"notices of samples of {model.name}", name,
            stated=figures.get(name), recomputed=again.get(name),
        )  # fmt: skip
