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
    done, shown = list(before[-_CONTEXT:]), ""
    shown = _decode(tokenizer, done)
    found = []
    for number, token in enumerate(ids):
        done.append(token)
        now = _decode(tokenizer, done)
        if now.endswith("\ufffd") and number + 1 < len(ids):
            found.append("")
            continue
        found.append(now[len(shown) :])
        done = done[-_CONTEXT:]
        shown = _decode(tokenizer, done)
    return found


# Enough tokens before a token that it decodes as it does in the whole text.
_CONTEXT: Final = 8


def _decode(tokenizer: Any, ids: Sequence[int]) -> str:
    return str(tokenizer.decode(ids, skip_special_tokens=True, clean_up_tokenization_spaces=False))


def spans_of(added: Sequence[str], offset: int) -> Array:
    """(T, 2): where pieces of text stand that follow each other from `offset` on, without the
    blanks before a word.

    −1 where there is no text.

    >>> spans_of(["ab", "", " c"], 5).tolist()
    [[5, 7], [-1, -1], [8, 9]]
    """
    ends = offset + np.cumsum([len(text) for text in added], dtype=np.int64)
    words = [len(text.lstrip() or text) for text in added]
    spans = np.stack([ends - np.array(words, np.int64), ends], 1).reshape(-1, 2)
    spans[spans[:, 0] == spans[:, 1]] = -1
    return spans


def find_spans(added: Sequence[str], text: str, offset: int) -> Array:
    """(T, 2): where pieces of text are found one after the other in `text` from `offset` on; −1
    where they are not.

    What is told with a later token, such as a character of several bytes, is also that of the
    tokens before it.

    >>> find_spans(["", "Th", "e", " cat"], "The cat", 0).tolist()
    [[0, 2], [0, 2], [2, 3], [4, 7]]
    """
    folded = text.lower() if len(text.lower()) == len(text) else text
    spans = np.full((len(added), 2), -1, np.int64)
    waiting = 0
    for number, piece in enumerate(added):
        own = piece.strip()
        at = text.find(own, offset)
        at = folded.find(own.lower(), offset) if at < 0 else at
        if own and 0 <= at - offset <= _NEAR:
            spans[number - waiting : number + 1] = at, at + len(own)
            offset, waiting = at + len(own), 0
        else:
            waiting = 0 if piece else waiting + 1
    return spans


_NEAR: Final = 32
"""A piece that is found further on than this is another one: a tokenizer may write what the text
does not say."""
