"""Groups of documents that are alike, so that one encoding fits a group."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from attnviz.documents.document import Document
from attnviz.score import Array


def length_class(document: Document) -> int:
    """Documents of one class differ in length by less than a factor of two: ⌊log₂ characters⌋."""
    return max(len(document.text), 1).bit_length() - 1


def group_documents(documents: Sequence[Document]) -> tuple[list[dict[str, int]], Array]:
    """Groups of one corpus entry × one length class, and each document's group, (documents,)
    uint16.

    A head's encoding is chosen per group, so that a group's documents are alike.
    """
    keys = sorted({(document.entry, length_class(document)) for document in documents})
    number_of = {key: number for number, key in enumerate(keys)}
    member = np.array([number_of[d.entry, length_class(d)] for d in documents], np.uint16)
    groups = []
    for number, (entry, _) in enumerate(keys):
        lengths = [
            len(document.text)
            for document, group in zip(documents, member, strict=True)
            if group == number
        ]
        groups.append(
            {
                "entry": entry,
                "shortest": min(lengths),
                "longest": max(lengths),
                "documents": len(lengths),
            }
        )
    return groups, member
