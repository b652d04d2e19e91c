"""What statistics ask of a document's tokens."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from attnviz.documents import Tokens
from attnviz.format.model import RestingKind
from attnviz.heads.resting import resting_keys
from attnviz.score import Array

_WORD_MARKS = "Ġ▁Ċ "


@dataclass(frozen=True)
class PairMask:
    """A test of pairs on a document: which tokens may be queries (T,) and keys (K,), bool, None for
    all; the least and the greatest j − i, None for any; and what has to be equal, ids of queries
    (T,) and keys (K,), where those below 0 are equal to none."""

    query: Array | None
    key: Array | None
    offsets: tuple[int | None, int | None]
    query_ids: Array | None
    key_ids: Array | None

    def near(self, keys: int) -> PairMask:
        """The test on the first `keys` keys."""
        return replace(self, key=_first(self.key, keys), key_ids=_first(self.key_ids, keys))

    def pairs(self, at: Array, keys: int) -> Array:
        """Which pairs it holds for, (rows, K) bool, of queries at these places (rows,)."""
        holds = np.ones((len(at), keys), bool)
        least, greatest = self.offsets
        offsets = np.arange(keys) - at[:, None]  # (row, key): j − i
        if least is not None:
            holds &= offsets >= least
        if greatest is not None:
            holds &= offsets <= greatest
        if self.query is not None:
            holds &= self.query[at][:, None]
        if self.key is not None:
            holds &= self.key
        if self.query_ids is not None and self.key_ids is not None:
            holds &= (self.query_ids[at][:, None] == self.key_ids) & (self.key_ids >= 0)
        return holds


@dataclass(frozen=True)
class Traits:
    """What is known of a document's keys, (K,) each.

    separator, punctuation: bool. ids: token ids, −1 for a patch; row, column: a patch's place in
    its grid, −1 for what is no patch; all None under cross-attention. labels: each label's codes,
    −1 for no label. types: numbers of token types, of queries (T,) and of keys (K,), −1 for those
    that are not counted. resting: bool, whether attention rests on it whatever the query;
    special_queries (T,): bool, whether a query is a special token. None: none is. tests: what
    labels say of pairs, None for those that are not defined here; counted: of which pairs they
    held in the layer before.
    """

    separator: Array
    punctuation: Array
    ids: Array | None
    row: Array | None
    column: Array | None
    labels: Mapping[str, Array] = field(default_factory=dict)
    types: tuple[Array, Array] | None = None
    resting: Array | None = None
    special_queries: Array | None = None
    tests: tuple[PairMask | None, ...] = ()
    counted: dict[bool, Any] = field(default_factory=dict, compare=False)

    def near(self, keys: int) -> Traits:
        """Those of the first `keys` keys."""
        return Traits(
            separator=self.separator[:keys],
            punctuation=self.punctuation[:keys],
            ids=_first(self.ids, keys),
            row=_first(self.row, keys),
            column=_first(self.column, keys),
            labels={name: codes[:keys] for name, codes in self.labels.items()},
            types=None if self.types is None else (self.types[0], self.types[1][:keys]),
            resting=_first(self.resting, keys),
            special_queries=self.special_queries,
            tests=tuple(None if mask is None else mask.near(keys) for mask in self.tests),
        )


def _first(of_keys: Array | None, keys: int) -> Array | None:
    return None if of_keys is None else of_keys[:keys]


def traits_of(
    tokens: Tokens | None,
    keys: int,
    separator: int | None,
    cross: bool,
    types: tuple[Array, Array] | None = None,
    resting: Collection[RestingKind] = (),
    queries: Tokens | None = None,
) -> Traits:
    """The traits of a document's keys, none of which stand out where there are no tokens.

    `separator` is the id of the model's separator; `resting` are the kinds of keys that attention
    of the stack rests on, and `queries` the tokens that attend.
    """
    rests = resting_keys(resting, tokens, keys, separator)
    special = None if queries is None else queries.special
    if tokens is None:
        nothing = np.zeros(keys, bool)
        return Traits(
            separator=nothing, punctuation=nothing, ids=None, row=None, column=None, types=types,
            resting=rests, special_queries=special,
        )  # fmt: skip
    separators = np.zeros(keys, bool) if separator is None else tokens.ids == separator
    readings = zip(tokens.characters, tokens.texts, strict=True)
    marks = punctuation(c.strip() or piece for c, piece in readings) & ~tokens.special
    if cross:
        return Traits(
            separator=separators, punctuation=marks, ids=None, row=None, column=None, types=types,
            resting=rests, special_queries=special,
        )  # fmt: skip
    return Traits(
        separator=separators,
        punctuation=marks,
        ids=tokens.ids,
        row=tokens.row,
        column=tokens.column,
        labels=label_codes(tokens.labels),
        types=types,
        resting=rests,
        special_queries=special,
    )


def label_codes(labels: Mapping[str, Sequence[str | None]]) -> dict[str, Array]:
    """A document's token labels as numbers in order of appearance, −1 for none.

    >>> label_codes({"part": ("noun", None, "verb", "noun")})["part"].tolist()
    [0, -1, 1, 0]
    """
    codes = {}
    for name, texts in labels.items():
        distinct = dict.fromkeys(text for text in texts if text is not None)
        numbers: dict[str | None, int] = {text: n for n, text in enumerate(distinct)}
        codes[name] = np.array([numbers.get(text, -1) for text in texts], np.int64)
    return codes


def punctuation(pieces: Iterable[str]) -> Array:
    """Which texts of tokens, or pieces of a vocabulary, are punctuation alone, (n,) bool: Unicode's
    P categories.

    >>> punctuation(["Ġ,", "##'", "—", "a.", "Ġ", "#"]).tolist()
    [True, True, True, False, False, True]
    """
    return np.array([_is_punctuation(piece) for piece in pieces], bool)


def _is_punctuation(piece: str) -> bool:
    inner = (piece[2:] if piece.startswith("##") and len(piece) > 2 else piece).strip(_WORD_MARKS)
    return bool(inner) and all(
        unicodedata.category(character).startswith("P") for character in inner
    )
