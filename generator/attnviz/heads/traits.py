"""What statistics ask of a document's tokens."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from attnviz.documents import Tokens
from attnviz.heads.agreement import label_codes
from attnviz.score import Array

_WORD_MARKS = "Ġ▁Ċ "


@dataclass(frozen=True)
class Traits:
    """Of a document's keys, (K,): which are separators and which punctuation.

    Where queries and keys are of one sequence also the tokens' ids, −1 for a patch, and patches'
    places in their grid, −1 for what is none, None under cross-attention; and each label's codes,
    −1 for no label.

    `types` are numbers of token types, of queries (T,) and of keys, −1 for those that are not
    counted.
    """

    separator: Array
    punctuation: Array
    ids: Array | None
    row: Array | None
    column: Array | None
    labels: Mapping[str, Array] = field(default_factory=dict)
    types: tuple[Array, Array] | None = None


def traits_of(
    tokens: Tokens | None,
    keys: int,
    separator: int | None,
    cross: bool,
    types: tuple[Array, Array] | None = None,
) -> Traits:
    """The traits of a document's keys; of no tokens there are none."""
    if tokens is None:
        nothing = np.zeros(keys, bool)
        return Traits(nothing, nothing, None, None, None)
    separators = np.zeros(keys, bool) if separator is None else tokens.ids == separator
    marks = punctuation(tokens.texts) & ~tokens.special
    if cross:
        return Traits(separators, marks, None, None, None, types=types)
    return Traits(
        separators, marks, tokens.ids, tokens.row, tokens.column, label_codes(tokens.labels), types
    )


def punctuation(pieces: Iterable[str]) -> Array:
    """Which pieces of a vocabulary are punctuation alone, (n,) bool: Unicode's P categories.

    >>> punctuation(["Ġ,", "##'", "—", "a.", "Ġ", "#"]).tolist()
    [True, True, True, False, False, True]
    """
    return np.array([_is_punctuation(piece) for piece in pieces], bool)


def _is_punctuation(piece: str) -> bool:
    inner = (piece[2:] if piece.startswith("##") and len(piece) > 2 else piece).strip(_WORD_MARKS)
    return bool(inner) and all(
        unicodedata.category(character).startswith("P") for character in inner
    )
