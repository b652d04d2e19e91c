"""Conversations, which become texts by each model's chat template (`resolution/chats.py`)."""

from __future__ import annotations

from typing import Final

from attnviz.config import DocumentSpec
from attnviz.documents import Document, DocumentKind
from attnviz.documents.document import opening
from attnviz.modalities.modality import EntryDocuments, Modality, written_here

CONVERSATION: Final = DocumentKind("conversation")


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    documents = []
    for conversation in spec.messages:
        messages = tuple((message.role, message.content) for message in conversation)
        question = next((content for role, content in messages if role == "user"), messages[0][1])
        text = "\n".join(f"{role}: {content}" for role, content in messages)
        documents.append(Document(entry, opening(question), text, CONVERSATION, messages=messages))
    return written_here(documents)


MODALITY: Final = Modality(CONVERSATION, _read)
