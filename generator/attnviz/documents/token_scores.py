"""One score per token, such as attention or saliency, read from files: tokens, one a line, and
scores beside them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from attnviz.config.regular_files import MOST_JSON, fault_of_file
from attnviz.errors import InputError
from attnviz.score import Array


@dataclass(frozen=True)
class TokenScores:
    """Tokens, and rows of scores (rows, tokens), each with a name."""

    tokens: tuple[str, ...]
    scores: Array
    names: tuple[str, ...]


def read_scores(text_path: Path, score_paths: Sequence[Path]) -> TokenScores:
    """Tokens and scores from files, one a line; blank lines do not count. A file of scores may have
    several numbers a line, each a row of its own.

    Raises InputError with file and line: of a file that is empty, of what is no finite number, and
    where tokens and scores do not match.
    """
    tokens = _lines(text_path, "a token")
    rows: list[Array] = []
    names: list[str] = []
    for path, name in zip(score_paths, distinct_names(score_paths), strict=True):
        table = _numbers(path)
        if len(table) != len(tokens):
            raise InputError(_mismatch(text_path, tokens, path, table))
        columns = np.array([numbers for _, numbers in table]).T
        several = len(columns) > 1
        names += [f"{name}, {n + 1}" if several else name for n in range(len(columns))]
        rows += list(columns)
    return TokenScores(tuple(text for _, text in tokens), np.array(rows), tuple(names))


def distinct_names(paths: Sequence[Path]) -> list[str]:
    """What to call some files: their names, with as many folders before as tell them apart.

    >>> distinct_names([Path("/a/x.txt"), Path("/b/x.txt")])
    ['a/x.txt', 'b/x.txt']
    """
    for parts in range(1, max((len(path.parts) for path in paths), default=1)):
        names = ["/".join(path.parts[-parts:]) for path in paths]
        if len(set(names)) == len(names):
            return names
    return [str(path) for path in paths]


_Line = tuple[int, str]
"""The number of a line, from 1, and its text."""


def _lines(path: Path, what: str) -> list[_Line]:
    """The lines of a file that are not blank."""
    if not path.exists():
        raise InputError(f"{path}: there is no such file; expected {what} on each line")
    if fault := fault_of_file(path, MOST_JSON):
        raise InputError(f"{path}: {fault}; expected {what} on each line")
    lines: list[_Line] = []
    for number, raw in enumerate(path.read_bytes().removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        try:
            text = raw.decode("utf-8").removesuffix("\r")
        except UnicodeDecodeError:
            raise InputError(f"{path}:{number}: is not UTF-8; expected {what}") from None
        if text.strip():
            lines.append((number, text))
    if not lines:
        raise InputError(f"{path}:1: the file is empty; expected {what} on each line")
    return lines


def _numbers(path: Path) -> list[tuple[int, list[float]]]:
    """The numbers of each line."""
    table: list[tuple[int, list[float]]] = []
    for number, text in _lines(path, "a score"):
        row = [_number(word, f"{path}:{number}") for word in text.split()]
        if table and len(row) != len(table[0][1]):
            raise InputError(
                f"{path}:{number}: has {len(row)} numbers; expected {len(table[0][1])}, as on line"
                f" {table[0][0]}"
            )
        table.append((number, row))
    return table


def _number(word: str, where: str) -> float:
    try:
        value = float(word)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise InputError(
            f"{where}: {word[:40]!a} is no finite number; expected a score such as 0.25"
        )
    return value


def _mismatch(
    text_path: Path, tokens: Sequence[_Line], path: Path, table: Sequence[tuple[int, Any]]
) -> str:
    """What is to be said of other numbers of tokens and scores: the first line without a
    partner."""
    counts = f"{len(tokens)} tokens and {len(table)} scores"
    if len(tokens) > len(table):
        number = tokens[len(table)][0]
        return f"{text_path}:{number}: this token has no score in {path} ({counts})"
    return f"{path}:{table[len(tokens)][0]}: this score has no token in {text_path} ({counts})"
