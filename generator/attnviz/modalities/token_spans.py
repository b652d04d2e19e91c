"""Where tokens stand in a text, for tokenizers that do not tell and for tokens that a model itself
chose."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from attnviz.score import Array


def decode_pieces(tokenizer: Any, ids: Sequence[int], before: Sequence[int] = ()) -> list[str]:
    """What each token adds to the text, after the tokens `before` it; nothing for special tokens.

    A character of several tokens comes with the last of them.
    """
    context = list(before[-_CONTEXT:])
    text_before = _decode(tokenizer, context)
    added = []
    for number, token in enumerate(ids):
        context.append(token)
        text = _decode(tokenizer, context)
        if text.endswith("\ufffd") and number + 1 < len(ids):  # part of a character
            added.append("")
            continue
        added.append(text[len(text_before) :])
        context = context[-_CONTEXT:]
        text_before = _decode(tokenizer, context)
    return added


# Enough tokens before a token that it decodes as it does in the whole text.
_CONTEXT: Final = 8


def _decode(tokenizer: Any, ids: Sequence[int]) -> str:
    return str(tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def spans_of(added: Sequence[str], offset: int, special: Array | None = None) -> Array:
    """(T, 2) int64: where pieces of text stand that follow each other from `offset` on, without the
    blanks before a word; −1 where there is no text.

    A character that comes with its last token, such as one of several bytes, is also that of the
    tokens before, but for those that `special` (T,) bool marks.

    >>> spans_of(["ab", "", " c", ""], 5).tolist()
    [[5, 7], [8, 9], [8, 9], [-1, -1]]
    """
    ends = offset + np.cumsum([len(text) for text in added], dtype=np.int64)
    words = [len(text.lstrip() or text) for text in added]
    spans = np.stack([ends - np.array(words, np.int64), ends], 1).reshape(-1, 2)
    spans[spans[:, 0] == spans[:, 1]] = -1
    waiting = 0  # tokens before this one that have no text yet
    for number, text in enumerate(added):
        if special is not None and special[number]:
            spans[number], waiting = -1, 0
        elif text:
            spans[number - waiting : number] = spans[number]
            waiting = 0
        else:
            waiting += 1
    return spans


def find_spans(added: Sequence[str], text: str, offset: int) -> Array:
    """(T, 2) int64: where pieces of text are found one after the other in `text` from `offset` on;
    −1 where they are not.

    A character that comes with its last token, such as one of several bytes, is also that of the
    tokens before.

    >>> find_spans(["", "Th", "e", " cat"], "The cat", 0).tolist()
    [[0, 2], [0, 2], [2, 3], [4, 7]]
    """
    folded = text.lower() if len(text.lower()) == len(text) else text
    spans = np.full((len(added), 2), -1, np.int64)
    waiting = 0  # tokens before this one that have no text yet
    for number, piece in enumerate(added):
        word = piece.strip()
        at = text.find(word, offset)
        at = folded.find(word.lower(), offset) if at < 0 else at
        if word and 0 <= at - offset <= _NEAR:
            spans[number - waiting : number + 1] = at, at + len(word)
            offset, waiting = at + len(word), 0
        else:
            waiting = 0 if piece else waiting + 1
    return spans


_NEAR: Final = 32
"""A piece that is found further on than this is another one: a tokenizer may write what the text
does not say."""
