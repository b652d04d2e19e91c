"""Documents: what the corpus says to read, read; and the tokens that a model makes of them."""

from attnviz.documents.document import Corpus, Document, DocumentKind, Notice, Source
from attnviz.documents.frames import Film, open_picture, sheet_grid
from attnviz.documents.groups import group_documents, length_class
from attnviz.documents.pictures import picture_of
from attnviz.documents.reading import read_corpus
from attnviz.documents.sounds import LINE, open_sound, resampled
from attnviz.documents.spans import align
from attnviz.documents.tokens import Tokens

__all__ = [
    "LINE",
    "Corpus",
    "Document",
    "DocumentKind",
    "Film",
    "Notice",
    "Source",
    "Tokens",
    "align",
    "group_documents",
    "length_class",
    "open_picture",
    "open_sound",
    "picture_of",
    "read_corpus",
    "resampled",
    "sheet_grid",
]
