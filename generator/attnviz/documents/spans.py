"""Labels of parts of a text: read as spans of characters, and given to the tokens that stand
there."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from attnviz.documents.tokens import Tokens

Span = tuple[int, int, str]
"""First character, the one after the last, and the label."""

_EXPECTED: Final = (
    "expected spans [start, end, label], mappings of start, end and label, or a label for each word"
)


def read_spans(
    value: Any, text: str, words: Sequence[tuple[int, int]] | None = None
) -> tuple[Span, ...]:
    """The spans that a cell says: `[start, end, label]`, mappings of those, or a label for each of
    the `words`.

    `words` are the characters of each word; by default what white space separates. A cell may be
    JSON text. Raises ValueError if it is anything else, with a message that goes on after the
    column's name.

    >>> read_spans([[0, 3, "article"]], "the cat")
    ((0, 3, 'article'),)
    >>> read_spans('["article", null]', "the cat")
    ((0, 3, 'article'),)
    """
    if isinstance(value, str):
        value = _parse(value)
    if value is None or value == []:
        return ()
    if not isinstance(value, list):
        raise ValueError(f"is no list; {_EXPECTED}")
    if any(isinstance(item, (list, dict)) for item in value):
        return tuple(_span(item, number, text) for number, item in enumerate(value))
    places = [match.span() for match in re.finditer(r"\S+", text)] if words is None else words
    if len(value) != len(places):
        raise ValueError(f"has {len(value)} labels for {len(places)} words; expected one for each")
    return tuple(
        (*place, _label(label))
        for place, label in zip(places, value, strict=True)
        if label is not None
    )


def _parse(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except RecursionError:
        raise ValueError(f"is nested too deep; {_EXPECTED}") from None
    except ValueError as error:
        raise ValueError(f"is no JSON ({error}); {_EXPECTED}") from None


def _span(item: Any, number: int, text: str) -> Span:
    if isinstance(item, dict):
        item = [item.get(name) for name in ("start", "end", "label")]
    if (
        not isinstance(item, list)
        or len(item) != 3
        or not all(type(place) is int for place in item[:2])
    ):
        raise ValueError(f"item {number + 1} is no span; {_EXPECTED}")
    start, end, label = item
    if not 0 <= start < end <= len(text):
        raise ValueError(
            f"span {number + 1} is of the characters {start} to {end}; expected some of the text's"
            f" {len(text)}, the first being 0"
        )
    return start, end, _label(label)


def _label(label: Any) -> str:
    if isinstance(label, (list, dict)) or label is None:
        raise ValueError(f"has a label that is no text; {_EXPECTED}")
    return plain(label)


def plain(value: Any) -> str:
    """A cell's value as the text of a label: JSON's way for numbers and truth values."""
    return json.dumps(value) if isinstance(value, (bool, int, float)) else str(value)


def align(tokens: Tokens, spans: Sequence[Span]) -> tuple[str | None, ...]:
    """Each token's label: that of the span which has most of its characters, the first of equals;
    None without one.

    Tokens that stand for no text have none.
    """
    labels: list[str | None] = [None] * len(tokens)
    most = np.zeros(len(tokens), np.int64)  # characters that each token shares with its label
    of_text = tokens.start >= 0
    for start, end, label in spans:
        shared = np.minimum(tokens.end, end) - np.maximum(tokens.start, start)
        for number in np.flatnonzero(of_text & (shared > most)):
            labels[number], most[number] = label, shared[number]
    return tuple(labels)
