"""One document's attention as maps are fitted to it and measured by it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from attnviz.score import Array


@dataclass(frozen=True)
class DocumentRows:
    """One document's attention, a block of rows at a time.

    `document` is its number in the corpus. `queries` and `keys` are the places of its tokens on the
    map, −1 where a token is not on it. `attention(rows)` is (heads, rows, keys), NaN where a row
    may see nothing; `allowed(rows)` is (rows, keys); `score(rows)` is anything monotone in the
    attention, such as the score before the softmax, which does not run out of digits.
    """

    document: int
    queries: Array
    keys: Array
    attention: Callable[[slice], Array]
    allowed: Callable[[slice], Array]
    score: Callable[[slice], Array]
