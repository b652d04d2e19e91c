"""Texts longer than a model takes, cut into windows that overlap: each a document of its own."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from attnviz.config import Config
from attnviz.documents import Document, Notice
from attnviz.modalities import count_tokens, family_of
from attnviz.models import LoadedModel

# A window ends before a word; where a script has no blanks, before any character.
_BREAK: Final = re.compile(r"(?<=\s)(?=\S)|(?<=[\u0e00-\u0eff\u2e80-\u9fff\uf900-\ufaff])")
_LEAST: Final = 8
"""A model that takes fewer tokens beside its special ones is given the text's beginning alone."""

Cut = tuple[tuple[int, int], ...]
"""First character and the one after the last of each window."""


@dataclass(frozen=True)
class _LongText:
    """How a text that is longer than a model takes is cut, with the notice that says so."""

    cut: Cut
    notice: str


def cut_long_texts(
    documents: Sequence[Document], models: Sequence[LoadedModel], config: Config
) -> tuple[list[Document], list[Notice]]:
    """The documents in order, texts that are too long as windows of what each model takes.

    Models that cut a text alike share its windows; one that takes all of a text reads it whole.
    """
    readers = [loaded for loaded in models if family_of(loaded).reads_one_text]
    resolved: list[Document] = []
    notices: list[Notice] = []
    for document in documents:
        cuts = {
            loaded.name: _cut_for(loaded, document, config.window.overlap)
            for loaded in readers
            if document.is_for(loaded.name)
        }
        if not any(cuts.values()):
            resolved.append(document)
            continue
        first = len(resolved)
        notices += [
            Notice("window", long.notice, first, name) for name, long in cuts.items() if long
        ]
        others = [
            loaded.name
            for loaded in models
            if loaded.name not in cuts and document.is_for(loaded.name)
        ]
        resolved += _windows(document, cuts, others)
    return resolved, notices


def _windows(
    document: Document, cuts: Mapping[str, _LongText | None], others: Sequence[str]
) -> list[Document]:
    """One document cut as its models need it, by model; `others` do not read it and are to say so
    of one of the cuts."""
    models_of: dict[Cut | None, list[str]] = {}
    for name, long in cuts.items():
        models_of.setdefault(long.cut if long else None, []).append(name)
    next(iter(models_of.values())).extend(others)
    windows = []
    for cut, names in models_of.items():
        models = document.models if len(models_of) == 1 else tuple(names)
        if cut is None:
            windows.append(replace(document, models=models))
            continue
        windows += [
            _window(document, place, title=f"part {number} of {len(cut)}", models=models)
            for number, place in enumerate(cut, 1)
        ]
    return windows


def _window(
    document: Document, place: tuple[int, int], title: str, models: tuple[str, ...] | None
) -> Document:
    """The part of a document at these characters, with its part of the labels."""
    start, end = place
    labels = {
        name: tuple(
            (max(first, start) - start, min(last, end) - start, label)
            for first, last, label in spans
            if first < end and last > start
        )
        for name, spans in document.token_labels.items()
    }
    return replace(
        document,
        title=f"{document.title} · {title}",
        text=document.text[start:end],
        models=models,
        token_labels=labels,
    )


def _cut_for(loaded: LoadedModel, document: Document, overlap: int) -> _LongText | None:
    """How a document is cut for a model; None where the model takes all of it."""
    text, limit = document.text, loaded.limit
    if not document.kind.can_be_cut or limit is None or len(text.encode()) + 16 <= limit:
        return None
    tokens, around = count_tokens(loaded, text), count_tokens(loaded, "")
    if tokens <= limit or limit - around < _LEAST:
        return None
    overlap = min(overlap, (limit - around) // 2)
    cut = tuple(
        cut_text(text, lambda part: count_tokens(loaded, part) - around, limit - around, overlap)
    )
    notice = (
        f"“{document.title}” has {tokens} tokens; {loaded.name} takes {limit}: it is shown as"
        f" {len(cut)} windows, which overlap by about {overlap} tokens"
    )
    return _LongText(cut, notice)


@dataclass(frozen=True)
class _Measured:
    """A text with the places where it may be cut, `breaks`, and the tokens of any part of it."""

    text: str
    breaks: Sequence[int]
    count: Callable[[str], int]

    def tokens(self, start: int, end: int) -> int:
        """Tokens of the text between two characters."""
        return self.count(self.text[start:end])


def cut_text(
    text: str, count: Callable[[str], int], room: int, overlap: int
) -> list[tuple[int, int]]:
    """Windows of a text: each as long as `count` of it is at most `room`, and about `overlap` of it
    in the next too.

    >>> cut_text("a b c d e f", lambda part: len(part.split()), 3, 1)
    [(0, 5), (4, 9), (8, 11)]
    """
    text = text.rstrip()
    breaks = [0, *(match.start() for match in _BREAK.finditer(text) if match.start()), len(text)]
    measured = _Measured(text, breaks, count)
    windows: list[tuple[int, int]] = []
    start, reached, guess = 0, 0, len(text) * room // max(1, count(text))
    while reached < len(text):
        end = _longest(measured, start, room, guess)
        end = start + len(text[start:end].rstrip())
        if end <= reached:  # what follows is too long for a window that repeats something
            start = _skip_blanks(text, reached)
            continue
        windows.append((start, end))
        guess, reached = end - start, end
        start = _skip_blanks(text, _next_start(measured, start, end, overlap))
    return windows


def _skip_blanks(text: str, start: int) -> int:
    return len(text) - len(text[start:].lstrip())


def _longest(measured: _Measured, start: int, room: int, guess: int) -> int:
    """Where a window from `start` ends: at the last break that leaves it within `room`, else within
    a word. `guess` is about how many characters that is."""
    breaks, tokens = measured.breaks, measured.tokens
    first = bisect_right(breaks, start)
    near = min(max(bisect_right(breaks, start + guess), first), len(breaks) - 1)
    # Go on in steps that double until a break is too far, then halve the interval.
    step = 1
    while near < len(breaks) - 1 and tokens(start, breaks[near]) <= room:
        near, step = min(near + step, len(breaks) - 1), step * 2
    end = _last(first - 1, near, lambda at: at < first or tokens(start, breaks[at]) <= room)
    if end >= first:
        return breaks[end]
    # A single word of more than a window.
    return max(start + 1, _last(start, breaks[first], lambda at: tokens(start, at) <= room))


def _next_start(measured: _Measured, start: int, end: int, overlap: int) -> int:
    """Where the next window begins: as early as leaves `overlap` of this one, and after its
    beginning."""
    breaks = measured.breaks
    inside = [
        at for at in breaks[bisect_right(breaks, start) : bisect_right(breaks, end)] if at < end
    ]
    # Within a word, where there is nothing else.
    starts = [end, *reversed(inside or range(start + 1, end))]
    number = _last(
        0, len(starts) - 1, lambda at: at == 0 or measured.tokens(starts[at], end) <= overlap
    )
    return starts[number]


def _last(low: int, high: int, holds: Callable[[int], bool]) -> int:
    """The largest number of low … high that holds, where all below one that holds do; `low` is
    taken to."""
    while low < high:
        middle = (low + high + 1) // 2
        if holds(middle):
            low = middle
        else:
            high = middle - 1
    return low
