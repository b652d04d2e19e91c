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
class _Long:
    """A text that is longer than a model takes, with the notice of what was done."""

    cut: Cut
    notice: str


def cut_long_texts(
    documents: Sequence[Document], models: Sequence[LoadedModel], config: Config
) -> tuple[list[Document], list[Notice]]:
    """The documents in order, texts that are too long as windows of what each model takes.

    Models that cut a text alike share its windows; one that takes the whole text reads the whole.
    """
    readers = [loaded for loaded in models if family_of(loaded).reads_one_text]
    found: list[Document] = []
    notices: list[Notice] = []
    for document in documents:
        own = {
            m.name: _long(m, document, config.window.overlap)
            for m in readers
            if document.is_for(m.name)
        }
        if not document.kind.can_be_cut or not any(own.values()):
            found.append(document)
            continue
        notices += [
            Notice("window", long.notice, len(found), name) for name, long in own.items() if long
        ]
        others = [m.name for m in models if m.name not in own and document.is_for(m.name)]
        found += _windows(document, own, others)
    return found, notices


def _windows(
    document: Document, own: Mapping[str, _Long | None], others: Sequence[str]
) -> list[Document]:
    """One document cut as its models need it; `others` do not take it and are to say so of one of
    the cuts."""
    cuts: dict[Cut | None, list[str]] = {}
    for name, long in own.items():
        cuts.setdefault(long.cut if long else None, []).append(name)
    next(iter(cuts.values())).extend(others)
    found = []
    for cut, names in cuts.items():
        models = document.models if len(cuts) == 1 else tuple(names)
        if cut is None:
            found.append(replace(document, models=models))
        else:
            found += [
                _part(document, place, number, len(cut), models)
                for number, place in enumerate(cut, 1)
            ]
    return found


def _part(
    document: Document,
    place: tuple[int, int],
    number: int,
    count: int,
    models: tuple[str, ...] | None,
) -> Document:
    start, end = place
    labels = {
        name: tuple(
            (max(a, start) - start, min(b, end) - start, label)
            for a, b, label in spans
            if a < end and b > start
        )
        for name, spans in document.token_labels.items()
    }
    title = f"{document.title} · part {number} of {count}"
    return replace(
        document, title=title, text=document.text[start:end], models=models, token_labels=labels
    )


def _long(loaded: LoadedModel, document: Document, overlap: int) -> _Long | None:
    """How a document is cut for a model; None where the model takes the whole."""
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
    return _Long(cut, notice)


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
    found: list[tuple[int, int]] = []
    start, reached, guess = 0, 0, len(text) * room // max(1, count(text))
    while reached < len(text):
        end = _longest(text, start, breaks, count, room, guess)
        end = start + len(text[start:end].rstrip())
        if end <= reached:  # what follows is too long for a window that repeats something
            start = _skip_blanks(text, reached)
            continue
        found.append((start, end))
        guess, reached = end - start, end
        start = _skip_blanks(text, _back(text, start, end, breaks, count, overlap))
    return found


def _skip_blanks(text: str, start: int) -> int:
    return len(text) - len(text[start:].lstrip())


def _longest(
    text: str, start: int, breaks: list[int], count: Callable[[str], int], room: int, guess: int
) -> int:
    """Where a window from `start` ends: at the last break that leaves it within `room`, else within
    a word."""
    first = bisect_right(breaks, start)
    near = min(max(bisect_right(breaks, start + guess), first), len(breaks) - 1)
    step = 1
    while near < len(breaks) - 1 and count(text[start : breaks[near]]) <= room:
        near, step = min(near + step, len(breaks) - 1), step * 2
    end = _last(first - 1, near, lambda at: at < first or count(text[start : breaks[at]]) <= room)
    if end >= first:
        return breaks[end]
    # A single word of more than a window.
    return max(start + 1, _last(start, breaks[first], lambda at: count(text[start:at]) <= room))


def _back(
    text: str, start: int, end: int, breaks: list[int], count: Callable[[str], int], overlap: int
) -> int:
    """Where the next window begins: as early as leaves `overlap` of this one, and after its
    beginning."""
    inside = [
        at for at in breaks[bisect_right(breaks, start) : bisect_right(breaks, end)] if at < end
    ]
    fits = [
        end,
        *reversed(inside or range(start + 1, end)),
    ]  # within a word, where there is nothing else
    return fits[
        _last(0, len(fits) - 1, lambda at: at == 0 or count(text[fits[at] : end]) <= overlap)
    ]


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
