"""Long texts with a needle: a key and a value stand somewhere in the corpus's own words, and the
end says the key and then the value again.

A head that copies attends, from each token of the end before one of the value, to the needle's
token that comes next. The control's end says another key and another value, which stand nowhere
before: a head that attends to the same places there does not go by the tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.config.section import NeedleOptions
from attnviz.documents.tokens import TEXT_AXIS
from attnviz.heads.token_texts import frame_of, plain_tokens, token_text
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array

KEY: Final = 4
VALUE: Final = 8
"""Tokens of a needle's key and of its value."""
_NEEDLE: Final = KEY + VALUE
_SHORTEST: Final = 32
"""Tokens of a haystack: with fewer, near and far are one."""


@dataclass(frozen=True)
class NeedleTexts:
    """Texts of one depth and their controls, all of one length; `query` is the place of the token
    before the end's value, `gold` that of the first token of the needle's value."""

    depth: float
    texts: tuple[ModelInput, ...]
    controls: tuple[ModelInput, ...]
    query: int
    gold: int

    @property
    def length(self) -> int:
        """Tokens of a text, special tokens included."""
        return len(self.texts[0].axes[TEXT_AXIS])


def needle_texts(
    loaded: LoadedModel, inputs: Sequence[ModelInput | None], options: NeedleOptions, seed: int
) -> list[NeedleTexts] | str:
    """The texts of each depth, or why there are none, in words. Text n of all depths has the same
    haystack, of the words of `inputs`, and the same needle."""
    before, after = frame_of(loaded.tokenizer)
    vocabulary = plain_tokens(loaded)
    longest = min(options.length, loaded.limit or options.length)
    room = longest - len(before) - len(after) - 2 * _NEEDLE
    if room < _SHORTEST:
        least = _SHORTEST + longest - room
        return f"it takes {longest:,} tokens, and the shortest such text has {least}"
    if len(vocabulary) < 2 * _NEEDLE:
        return f"it has {len(vocabulary)} tokens beside special ones, and {2 * _NEEDLE} are needed"
    rng = np.random.default_rng(seed)
    # A control is drawn apart from its text, so that the errors of both are independent.
    drawn = [_draw(inputs, vocabulary, room, rng) for _ in range(2 * options.texts)]
    if not all(len(each.haystack) for each in drawn):
        return "the documents have no words but those to copy"
    of_depths = []
    for depth in options.depths:
        place = round(depth * room)
        documents = [
            token_text(loaded.tokenizer, before, each.with_end(place, known=n % 2 == 0), after)
            for n, each in enumerate(drawn)
        ]
        query = len(before) + room + _NEEDLE + KEY - 1
        gold = len(before) + place + KEY
        of_depths.append(
            NeedleTexts(depth, tuple(documents[::2]), tuple(documents[1::2]), query, gold)
        )
    return of_depths


def needle_tokens(loaded: LoadedModel, options: NeedleOptions) -> int:
    """Tokens of all texts and controls, as far as the model takes them; 0 where it takes too
    few."""
    longest = min(options.length, loaded.limit or options.length)
    before, after = frame_of(loaded.tokenizer)
    if longest - len(before) - len(after) - 2 * _NEEDLE < _SHORTEST:
        return 0
    return 2 * options.texts * len(options.depths) * longest


@dataclass(frozen=True)
class _Drawn:
    """Token ids: a haystack, a needle, and as many that stand in neither."""

    haystack: Array
    needle: Array
    strange: Array

    def with_end(self, place: int, known: bool) -> Array:
        """The haystack with the needle at a place, and an end that is `known` from it or not."""
        end = self.needle if known else self.strange
        return np.concatenate([self.haystack[:place], self.needle, self.haystack[place:], end])


def _draw(
    inputs: Sequence[ModelInput | None], vocabulary: Array, length: int, rng: np.random.Generator
) -> _Drawn:
    tokens = rng.choice(vocabulary, 2 * _NEEDLE, replace=False)
    order = rng.permutation(len(inputs))
    documents = (inputs[number] for number in order)
    haystack = _words(documents, tokens, length)
    return _Drawn(haystack, tokens[:_NEEDLE], tokens[_NEEDLE:])


def _words(documents: Iterator[ModelInput | None], without: Array, length: int) -> Array:
    """So many tokens of documents in this order, (length,), special ones and those `without` left
    out; the documents are said again where they are too short. (0,) where nothing is left."""
    parts: list[Array] = []
    count = 0
    for document in documents:
        axis = None if document is None else document.axes.get(TEXT_AXIS)
        if axis is None:
            continue
        ids = axis.ids[~axis.special].astype(np.int64)
        parts.append(ids[~np.isin(ids, without)])
        count += len(parts[-1])
        if count >= length:
            break
    words = np.concatenate([*parts, np.zeros(0, np.int64)])
    return np.resize(words, length) if len(words) else words
