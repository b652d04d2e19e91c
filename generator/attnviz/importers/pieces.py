"""Tokens that are known by their pieces alone: the text that they are of, and where each stands in
it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np

from attnviz.documents.token_names import BYTE_ALPHABET
from attnviz.documents.tokens import Tokens
from attnviz.modalities.token_spans import find_spans
from attnviz.score import Array

_SPECIAL: Final = re.compile(
    r"\[(CLS|SEP|PAD|BOS|EOS)\]|</?s>|<(pad|bos|eos|cls|sep)>|<\|[^|]*\|>|<(start|end)_of_turn>"
)
_BYTE: Final = re.compile(r"<0x([0-9A-F]{2})>")


def is_special(piece: str) -> bool:
    """Whether a piece is a special token that stands for no text, by the names that these have.

    >>> is_special("[CLS]"), is_special("<|endoftext|>"), is_special("[MASK]"), is_special("<b>")
    (True, True, False, False)
    """
    return _SPECIAL.fullmatch(piece) is not None


def numbers_of(documents: Iterable[Sequence[str]]) -> dict[str, int]:
    """A number for each distinct piece of all documents, in the order of their letters."""
    pieces = sorted({piece for document in documents for piece in document})
    return {piece: number for number, piece in enumerate(pieces)}


def tokens_of(
    pieces: Sequence[str], numbers: dict[str, int], text: str | None = None
) -> tuple[str, Tokens]:
    """The text of these pieces and its tokens. `numbers` are the pieces' ids; `text` is the
    document's, where it is known: pieces are then found in it."""
    special = np.array([is_special(piece) for piece in pieces], bool)
    words = spell(pieces, special)
    if text is None:
        text, spans = _joined(words)
    else:
        spans = find_spans([word.decode("utf-8", "ignore") for word in words], text, 0)
    spans[special] = -1
    tokens = Tokens.of_text(
        np.array([numbers[piece] for piece in pieces], np.int64),
        list(pieces),
        spans=spans,
        special=special,
        segment=np.zeros(len(pieces), np.uint8),
        document=text,
    )
    return text, tokens


def spell(pieces: Sequence[str], special: Array) -> list[bytes]:
    """What each piece adds to the text, as bytes of UTF-8: nothing for special ones.

    Which vocabulary the pieces are of shows in their marks: Ġ (bytes), ▁ (SentencePiece), ##
    (WordPiece), or blanks in front. Pieces without any mark are words.

    >>> spell(["The", "Ġcat"], np.zeros(2, bool)), spell(["play", "##ing", "it"], np.zeros(3, bool))
    ([b'The', b' cat'], [b'play', b'ing', b' it'])
    """
    texts = [piece for piece, hidden in zip(pieces, special, strict=True) if not hidden]
    if any(letter in piece for piece in texts for letter in "ĠĊ"):
        spelled = [_of_alphabet(piece) for piece in texts]
    elif any("▁" in piece for piece in texts):
        spelled = [_of_sentencepiece(piece) for piece in texts]
    elif any(piece[:1].isspace() for piece in texts):
        spelled = [piece.encode() for piece in texts]
    else:
        spelled = [_of_word(piece, first=not n) for n, piece in enumerate(texts)]
    left = iter(spelled)
    return [b"" if hidden else next(left) for hidden in special]


def _of_alphabet(piece: str) -> bytes:
    parts = (
        bytes([BYTE_ALPHABET[letter]]) if letter in BYTE_ALPHABET else letter.encode()
        for letter in piece
    )
    return b"".join(parts)


def _of_sentencepiece(piece: str) -> bytes:
    byte = _BYTE.fullmatch(piece)
    return bytes([int(byte[1], 16)]) if byte else piece.replace("▁", " ").encode()


def _of_word(piece: str, first: bool) -> bytes:
    if piece.startswith("##") and len(piece) > 2:
        return piece[2:].encode()
    return (piece if first else f" {piece}").encode()


def _joined(words: Sequence[bytes]) -> tuple[str, Array]:
    """The words one after another, without blanks at the beginning, and where each stands in that,
    (T, 2), without the blanks before it; −1 where it has no text."""
    content = b"".join(words)
    whole = content.decode("utf-8", "ignore")
    before = len(whole) - len(whole.lstrip(" "))
    spans, at = [], 0
    for word in words:
        start = len(content[:at].decode("utf-8", "ignore"))
        at += len(word)
        end = len(content[:at].decode("utf-8", "ignore"))
        # A character of several tokens is that of each of them.
        end = max(end, start + 1) if word and start < len(whole) else end
        piece = whole[start:end]
        start += len(piece) - len(piece.lstrip()) if piece.strip() else 0
        spans.append((start - before, end - before) if end > max(start, before) else (-1, -1))
    array = np.array(spans, np.int64).reshape(-1, 2)
    array[(array < 0).any(1)] = -1
    return whole[before:], array
