"""Where a long text is cut into windows that overlap, by any way of counting its tokens."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

# A window ends before a word; where a script has no blanks, before any character.
_BREAK: Final = re.compile(r"(?<=\s)(?=\S)|(?<=[\u0e00-\u0eff\u2e80-\u9fff\uf900-\ufaff])")


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
