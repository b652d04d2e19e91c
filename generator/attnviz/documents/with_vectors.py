"""Which documents keep their queries and keys, by what the corpus says of `vectors`."""

from __future__ import annotations

import difflib
from collections.abc import Sequence

from attnviz.documents.document import Document
from attnviz.errors import InputError


def with_vectors(
    documents: Sequence[Document], asked: bool | tuple[int | str, ...], label: str
) -> frozenset[int]:
    """Numbers of the documents of which `vectors` asks queries and keys: all, none, or those of its
    titles and numbers. A title stands for all documents that have it, and for what was made of
    them: windows of a long text, completions.

    `label` is the corpus's name. Raises InputError with every title and number that no document
    has.
    """
    if isinstance(asked, bool):
        return frozenset(range(len(documents)) if asked else ())
    return numbers_of(documents, asked, label, "vectors")


def numbers_of(
    documents: Sequence[Document], items: Sequence[int | str], label: str, key: str
) -> frozenset[int]:
    """Numbers of the documents that a list names by title or number, as `with_vectors` reads them;
    `key` is the list's in the corpus."""
    numbers: set[int] = set()
    problems = []
    for item in items:
        members = _members(documents, item)
        numbers.update(members)
        if not members:
            problems.append(f"{label}: {key}: {_missing(documents, item)}")
    if problems:
        raise InputError(problems)
    return frozenset(numbers)


def _members(documents: Sequence[Document], item: int | str) -> list[int]:
    if isinstance(item, int):
        return [item] if item < len(documents) else []
    return [
        number
        for number, document in enumerate(documents)
        if document.title == item or document.title.startswith(f"{item} · ")
    ]


def _missing(documents: Sequence[Document], item: int | str) -> str:
    if isinstance(item, int):
        return f"there is no document {item}; expected numbers from 0 to {len(documents) - 1}"
    titles = list(dict.fromkeys(document.title for document in documents))
    near = difflib.get_close_matches(item, titles, 1)
    hint = f"; did you mean “{near[0]}”?" if near else ""
    return f"there is no document “{item}”; expected titles or numbers of documents{hint}"
