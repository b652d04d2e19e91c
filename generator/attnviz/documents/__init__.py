"""Documents: what the corpus says to read, read; and the tokens that a model makes of them."""

from attnviz.documents.document import Corpus, Document, DocumentKind, Notice, Source
from attnviz.documents.groups import group_documents, length_class
from attnviz.documents.pictures import open_picture
from attnviz.documents.reading import read_corpus
from attnviz.documents.spans import align
from attnviz.documents.tokens import Tokens

__all__ = [
    "Corpus", "Document", "DocumentKind", "Notice", "Source", "Tokens", "align", "group_documents", "length_class",
    "open_picture", "read_corpus",
]  # fmt: skip
