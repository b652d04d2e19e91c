"""Texts that decoders go on with by themselves (`resolution/completions.py`)."""

from __future__ import annotations

from typing import Final

from attnviz.config import DocumentSpec
from attnviz.documents import Completion, Document, DocumentKind
from attnviz.documents.document import opening
from attnviz.modalities.modality import EntryDocuments, Modality, written_here

PROMPT: Final = DocumentKind("prompt", is_text=True, completion=Completion("prompts", "a decoder"))

PLACE: Final = "{prompt}"
"""Where a prompt stands in its template."""


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    before, _, after = (spec.template or PLACE).partition(PLACE)
    return written_here(
        [
            Document(entry, item.title or opening(item.text), f"{before}{item.text}{after}", PROMPT)
            for item in spec.prompts
        ]
    )


MODALITY: Final = Modality(PROMPT, _read)
