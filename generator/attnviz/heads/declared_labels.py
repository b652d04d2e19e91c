"""Labels that a corpus declares: what `head_labels` says, as tests of pairs and in words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from attnviz.config.head_labels import HeadLabelEntry, Range, Tokens
from attnviz.format.pair_tests import DocumentTest, PairTest, TokenTest


@dataclass(frozen=True)
class DeclaredLabel:
    """A label by its name in links, its title for people, one sentence, and of which pairs it
    holds."""

    name: str
    title: str
    description: str
    test: PairTest


def declared_labels(entries: Sequence[HeadLabelEntry]) -> tuple[DeclaredLabel, ...]:
    """The labels of a corpus, in its order."""
    return tuple(
        DeclaredLabel(entry.name, entry.title or entry.name, _sentence(test), test)
        for entry in entries
        for test in [_test(entry)]
    )


def _test(entry: HeadLabelEntry) -> PairTest:
    least, greatest = entry.offset or (None, None)
    return PairTest(
        query=_tokens(entry.query, entry.query_place),
        key=_tokens(entry.key, entry.key_place),
        least_offset=least,
        greatest_offset=greatest,
        same=entry.same,
        documents=None
        if entry.documents is None
        else [
            DocumentTest(column=column, values=list(labels))
            for column, labels in entry.documents.items()
        ],
        sinks=entry.sinks,
    )


def _tokens(tokens: Tokens | None, place: Range | None) -> TokenTest | None:
    if tokens is None and place is None:
        return None
    first, last = place or (None, None)
    pattern = column = values = texts = None
    if isinstance(tokens, dict):
        ((column, labels),) = tokens.items()
        values = list(labels)
    elif isinstance(tokens, str) and len(tokens) > 1 and tokens[0] == tokens[-1] == "/":
        pattern = tokens[1:-1]
    elif tokens is not None:
        texts = [tokens] if isinstance(tokens, str) else list(tokens)
    return TokenTest(
        texts=texts, pattern=pattern, column=column, values=values, first=first, last=last
    )


def _sentence(test: PairTest) -> str:
    """What it says, after "the head".

    >>> _sentence(PairTest(query=TokenTest(texts=["he", "she"]), greatest_offset=-1))
    'attends from “he” or “she” to tokens at least 1 place before'
    """
    query = "" if test.query is None else f"from {_tokens_in_words(test.query)} "
    key = "tokens" if test.key is None else _tokens_in_words(test.key)
    if test.same == "token":
        key += " that are the same token" if test.key is None else ", where it is the same token,"
    elif test.same == "after":
        key += " after the same token"
    offset = _offset_in_words(test.least_offset, test.greatest_offset)
    conditions = [f"{of.column} is {_one_of(of.values)}" for of in test.documents or ()]
    documents = f" in documents whose {' and '.join(conditions)}" if conditions else ""
    sinks = ", sinks and special tokens counted" if test.sinks else ""
    return f"attends {query}to {key}{offset}{documents}{sinks}"


def _tokens_in_words(test: TokenTest) -> str:
    words = "tokens"
    if test.texts is not None:
        words = _one_of(test.texts)
    elif test.pattern is not None:
        words = f"tokens that match /{test.pattern}/"
    elif test.column is not None:
        words = f"tokens whose {test.column} is {_one_of(test.values or [])}"
    if test.first is not None and test.first == test.last:
        return f"{words} at place {test.first}"
    bounds = [f"from place {test.first}"] if test.first is not None else []
    bounds += [f"up to place {test.last}"] if test.last is not None else []
    return " ".join([words, *bounds])


def _one_of(texts: Sequence[str]) -> str:
    quotes = [f"“{text}”" for text in texts]
    if len(quotes) == 1:
        return quotes[0]
    return f"{', '.join(quotes[:-1])} or {quotes[-1]}"


def _offset_in_words(least: int | None, greatest: int | None) -> str:
    if least is None and greatest is None:
        return ""
    if least == greatest == 0:
        return " at its own place"
    if least is not None and least == greatest:
        return f" {_places(abs(least))} {'before' if least < 0 else 'after'}"
    if greatest is not None and greatest < 0:
        return (
            f" at least {_places(-greatest)} before"
            if least is None
            else f" {-greatest} to {_places(-least)} before"
        )
    if least is not None and least > 0:
        return (
            f" at least {_places(least)} after"
            if greatest is None
            else f" {least} to {_places(greatest)} after"
        )
    bounds = []
    if least is not None:
        bounds.append(f"at most {_places(-least)} before" if least else "not before")
    if greatest is not None:
        bounds.append(f"at most {_places(greatest)} after" if greatest else "not after")
    return f" {', '.join(bounds)}"


def _places(count: int) -> str:
    return f"{count} place{'' if count == 1 else 's'}"
