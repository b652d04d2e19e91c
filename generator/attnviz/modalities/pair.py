"""Two texts that a model reads together, such as a premise and a hypothesis; they come with texts
(`text.py`), from an item with a `pair` or a table with a `pair_column`."""

from __future__ import annotations

from typing import Any, Final

from attnviz.documents import Document, DocumentKind
from attnviz.modalities.modality import Modality

PAIR: Final = DocumentKind("pair", is_text=True, gap=1)
MODALITY: Final = Modality(PAIR)


def joined(first: str, second: str) -> tuple[str, int]:
    """Two texts with a line break between, and where the second begins."""
    return f"{first}\n{second}", len(first) + 1


def pair_document(entry: int, title: str, first: str, second: str, **labels: Any) -> Document:
    """Two texts as one document, with its `labels` and `token_labels`."""
    text, start = joined(first, second)
    return Document(entry, title, text, PAIR, second=start, **labels)
