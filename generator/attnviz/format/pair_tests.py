"""What a label says of pairs of a query and a key, as data: which of them it holds for."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from pydantic import Field

from attnviz.format.part import Part, SparsePart

Signed = Annotated[int, Field(ge=-(10**9), le=10**9)]
"""A whole number that may be below zero."""
OWN_LABELS: Final = (
    "previous-token",
    "next-token",
    "self",
    "first-token",
    "separator",
    "punctuation",
    "duplicate-token",
    "induction",
    "retrieval",
    "local",
    "positional",
    "broad",
)
"""The names of attnviz's own labels, in their order."""
RESERVED_LABELS: Final = (*OWN_LABELS, "none")
"""Names that no label of a corpus has: links say `none` for heads without a label."""


class TokenTest(SparsePart):
    """Which tokens are meant: those for which all that is stated holds."""

    kind: Literal["separator", "punctuation"] | None = None
    """the model's separator, or punctuation alone"""
    texts: list[str] | None = None
    """one of these is the token, by its characters without blanks around them, or by the
    vocabulary's piece"""
    pattern: str | None = None
    """a regular expression of Python that is found in its characters without blanks around them, or
    in the piece of a token that stands for no characters"""
    column: str | None = None
    """the name of labels of tokens, of which it has one of `values`"""
    values: list[str] | None = None
    """the labels that are meant"""
    first: Signed | None = None
    """the least place in its document, from zero; counted from the end where it is negative"""
    last: Signed | None = None
    """the greatest place, as `first`"""


class DocumentTest(Part):
    """Which documents are meant: those of such a label."""

    column: str
    """the name of labels of whole documents, of which it has one of `values`"""
    values: list[str]
    """the labels that are meant"""


class PairTest(SparsePart):
    """Which pairs of a query and a key are meant: those for which all that is stated holds. Of
    cross-attention, tests of offsets or of equal tokens say nothing."""

    query: TokenTest | None = None
    """which queries"""
    key: TokenTest | None = None
    """which keys"""
    least_offset: Signed | None = None
    """the least j − i of a key at j and a query at i"""
    greatest_offset: Signed | None = None
    """the greatest"""
    same: Literal["token", "after"] | None = None
    """`token`: the key is of the query's id; `after`: the token before the key is"""
    documents: list[DocumentTest] | None = None
    """in which documents: those that all of these mean"""
    sinks: bool = False
    """whether keys that the stack's attention is `resting` on, and rows of special tokens, count"""
