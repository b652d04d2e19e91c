"""Documents: what the corpus says to read, as every kind of input has it; and the tokens that a
model makes of them."""

from attnviz.documents.document import (
    Completion,
    Corpus,
    Document,
    DocumentKind,
    Media,
    Notice,
    Sound,
    Source,
)
from attnviz.documents.groups import Groups, group_documents, length_class
from attnviz.documents.image_files import open_image
from attnviz.documents.spans import align
from attnviz.documents.tokens import TEXT_AXIS, Tokens

__all__ = [
    "TEXT_AXIS",
    "Completion",
    "Corpus",
    "Document",
    "DocumentKind",
    "Groups",
    "Media",
    "Notice",
    "Sound",
    "Source",
    "Tokens",
    "align",
    "group_documents",
    "length_class",
    "open_image",
]
