"""Groups of documents that are alike, so that one encoding fits a group."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz.documents.document import Document
from attnviz.errors import InputError
from attnviz.score import Array

MOST: Final = 1 << 16
"""Groups that the report format can tell apart."""


def length_class(document: Document) -> int:
    """Documents of one class differ in length by less than a factor of two: ⌊log₂ characters⌋."""
    return max(len(document.text), 1).bit_length() - 1


@dataclass(frozen=True)
class Groups:
    """Groups of documents: the facts of each, each document's group, (documents,) uint16, and which
    groups keep their queries and keys."""

    facts: list[dict[str, int]]
    member: Array
    with_vectors: frozenset[int]


def group_documents(
    documents: Sequence[Document], with_vectors: frozenset[int] = frozenset()
) -> Groups:
    """Groups of one corpus entry × one length class, those apart that are `with_vectors`: numbers
    of documents whose queries and keys are kept.

    A head's encoding is chosen per group, so that a group's documents are alike. Raises InputError
    if there are more than the format can number.
    """
    key_of = [
        (document.entry, length_class(document), number in with_vectors)
        for number, document in enumerate(documents)
    ]
    keys = sorted(set(key_of))
    if len(keys) > MOST:
        raise InputError(
            f"documents: has {len(keys):,} groups of one entry and like length; expected at most"
            f" {MOST:,}: put texts of one kind into one entry"
        )
    number_of = {key: number for number, key in enumerate(keys)}
    member = np.array([number_of[key] for key in key_of], np.uint16)
    lengths: list[list[int]] = [[] for _ in keys]
    for document, number in zip(documents, member.tolist(), strict=True):
        lengths[number].append(len(document.text))
    facts = [
        {
            "entry": entry,
            "shortest": min(of_group),
            "longest": max(of_group),
            "documents": len(of_group),
        }
        for (entry, *_), of_group in zip(keys, lengths, strict=True)
    ]
    kept = frozenset(number for number, (_, _, keeps) in enumerate(keys) if keeps)
    return Groups(facts, member, kept)
