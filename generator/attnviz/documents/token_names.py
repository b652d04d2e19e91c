"""What tokens stand for: characters of the text, blanks, or some bytes of a character."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Final

import numpy as np

from attnviz.score import Array

_PRINTED: Final = (*range(33, 127), *range(161, 173), *range(174, 256))
_OTHERS: Final = [byte for byte in range(256) if byte not in _PRINTED]
BYTE_ALPHABET: Final = {chr(byte): byte for byte in _PRINTED} | {
    chr(256 + number): byte for number, byte in enumerate(_OTHERS)
}
"""The letter that byte-level vocabularies write for each byte (Radford et al. 2019)."""

_BLANKS: Final = str.maketrans({"Ġ": " ", "▁": " ", "Ċ": "\n", "ĉ": "\t", "č": "\r"})
_VISIBLE: Final = str.maketrans({" ": "␣", "\n": "↵", "\r": "↵", "\t": "→"})
_FALLBACK: Final = re.compile(r"<0x([0-9A-F]{2})>")


def visible(blanks: str) -> str:
    """Blanks as signs that can be seen: ␣ for a space, ↵ for a line break, → for a tab."""
    return blanks.translate(_VISIBLE)


def blanks_of(piece: str) -> str:
    """The blanks that a vocabulary's piece stands for; empty where it is no blanks alone.

    >>> blanks_of("ĠĠ"), blanks_of("▁"), blanks_of("Ġa")
    ('  ', ' ', '')
    """
    text = piece.translate(_BLANKS)
    return text if text.isspace() else ""


def place_tokens(
    text: str, pieces: Sequence[str], spans: Array, special: Array
) -> tuple[Array, tuple[str | None, ...]]:
    """Where tokens stand in a text, (T, 2), and the names of those that their characters alone do
    not name, else None.

    `spans` (T, 2) is what the tokenizer says, −1 where it says nothing. Tokens that share
    characters are parts of them: their names say which bytes, such as `🙂 2/4`. A blank that the
    tokenizer puts on the letter after it stands on its own blank, if the text has one.

    >>> spans = np.array([[0, 1], [0, 1], [1, 2]])
    >>> place_tokens("éa", ["Ã", "©", "a"], spans, np.zeros(3, bool))[1]
    ('é 1/2', 'é 2/2', None)
    """
    spans = spans.copy()
    names: list[str | None] = [None] * len(pieces)
    for first, end in _overlapping(spans):
        run = slice(first, end)
        spans[run], names[run] = _share(text, pieces[run], spans[run])
    _place_blanks(text, pieces, spans, special, names)
    return spans, tuple(names)


def _overlapping(spans: Array) -> Iterator[tuple[int, int]]:
    """Ranges of neighbouring tokens that share characters with the token before."""
    shared = (spans[1:, 0] >= 0) & (spans[:-1, 0] >= 0) & (spans[1:, 0] < spans[:-1, 1])
    numbers = np.flatnonzero(shared)
    for run in np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1):
        if len(run):
            yield int(run[0]), int(run[-1]) + 2


def _share(text: str, pieces: Sequence[str], spans: Array) -> tuple[Array, list[str | None]]:
    """Spans and names of tokens that share characters, by the bytes that each has."""
    start, end = int(spans.min()), int(spans.max())
    characters = text[start:end]
    for spell in _SPELLINGS:
        parts = _fit([spell(piece) for piece in pieces], characters.encode())
        if parts is not None:
            named = [_name(characters, *part) for part in parts]
            places = [(-1, -1) if b <= a else (start + a, start + b) for a, b, _ in named]
            return np.array(places), [name for *_, name in named]
    if len(characters) == 1:  # written in another way: the parts can still be counted
        return spans, [f"{characters} {n}/{len(pieces)}" for n in range(1, len(pieces) + 1)]
    return spans, [None] * len(pieces)


def _fit(parts: Sequence[bytes | None], content: bytes) -> list[tuple[int, int]] | None:
    """The range of each part in the bytes of a text, which they are one after the other, but for
    blanks before them; None if they are not. A text may go on after them."""
    if any(part is None for part in parts):
        return None
    joined = b"".join(part for part in parts if part is not None)
    blanks = len(joined) - len(joined.lstrip()) - (len(content) - len(content.lstrip()))
    if blanks < 0 or not content.startswith(joined[blanks:]):
        return None
    ends = np.maximum(0, np.cumsum([len(part or b"") for part in parts]) - blanks).tolist()
    return list(zip([0, *ends[:-1]], ends, strict=True))


def _name(characters: str, first: int, last: int) -> tuple[int, int, str | None]:
    """The characters, from and to, that a range of bytes touches, and its name if one of them is
    not whole."""
    touched: list[int] = []
    words, at, whole = [""], 0, True
    for number, character in enumerate(characters):
        size = len(character.encode())
        low, high = max(first - at, 0), min(last - at, size)
        at += size
        if low >= high:
            continue
        touched.append(number)
        if (low, high) == (0, size):
            words[-1] += character
            continue
        whole = False
        which = str(high) if high - low == 1 else f"{low + 1}–{high}"
        words += [f"{character} {which}/{size}", ""]
    if not touched:
        return 0, 0, None
    name = None if whole else " + ".join(word.strip() for word in words if word.strip())
    return touched[0], touched[-1] + 1, name


def _by_alphabet(piece: str) -> bytes | None:
    letters = [BYTE_ALPHABET.get(letter) for letter in piece]
    return None if None in letters else bytes(letter for letter in letters if letter is not None)


def _by_fallback(piece: str) -> bytes | None:
    byte = _FALLBACK.fullmatch(piece)
    return bytes([int(byte[1], 16)]) if byte else piece.translate(_BLANKS).encode()


def _by_code(piece: str) -> bytes | None:
    """Vocabularies of bytes themselves, such as ByT5's."""
    return piece.encode("latin-1") if all(ord(letter) < 256 for letter in piece) else None


_SPELLINGS: Final[tuple[Callable[[str], bytes | None], ...]] = (
    _by_alphabet,
    _by_fallback,
    _by_code,
)


def _place_blanks(
    text: str, pieces: Sequence[str], spans: Array, special: Array, names: list[str | None]
) -> None:
    """Blanks that stand nowhere yet are given the text's own where it has them, else a name."""
    ends = np.maximum.accumulate(spans[:, 1]).tolist()
    first = next((start for start in spans[:, 0].tolist() if start >= 0), 0)
    reached = 0
    for number in np.flatnonzero((spans[:, 0] < 0) & ~special).tolist():
        blanks = blanks_of(pieces[number])
        if not blanks:
            continue
        before = ends[number]  # −1 before the first token that stands in the text
        reached = max(reached, before if before >= 0 else first - len(blanks))
        if text.startswith(blanks, reached):
            spans[number] = reached, reached + len(blanks)
            reached += len(blanks)
        else:
            names[number] = visible(blanks)


def name_type(piece: str, characters: str, names: Collection[str]) -> str:
    """What to call a type of tokens by the characters that it stands for.

    `characters` are those of an occurrence; `names` are of occurrences that are parts of
    characters. A type that is part of several is called by its bytes.

    >>> name_type("Ġthe", " the", ()), name_type("cafÃ©", "café", ()), name_type("##ly", "ly", ())
    ('␣the', 'café', '##ly')
    >>> name_type("Ø", "ا", ("ا 1/2", "ح 1/2"))
    'byte D8'
    """
    if len(names) == 1:
        return next(iter(names))
    if names:
        content = _by_alphabet(piece) or _by_fallback(piece) or b""
        return f"byte{'s' * (len(content) > 1)} {content.hex(' ').upper()}"
    if blanks := blanks_of(piece):
        return visible(blanks)
    rest = piece.lstrip("Ġ▁")
    mark = visible(piece[: len(piece) - len(rest)].translate(_BLANKS))
    word = characters.strip()
    readable = rest.isascii() or not word or rest.casefold() == word.casefold()
    return mark + (rest if readable else word)
