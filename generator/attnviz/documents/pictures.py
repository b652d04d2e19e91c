"""Pictures as documents."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from attnviz.config import DocumentSpec
from attnviz.documents.document import Document, opening
from attnviz.documents.files import digest_of, look_at_each
from attnviz.documents.frames import open_picture, sheet_of
from attnviz.documents.sounds import waveform_of


def read_pictures(entry: int, spec: DocumentSpec) -> tuple[str, bytes, list[Document]]:
    """What to call an entry's pictures, bytes that stand for them, and a document each: with each
    text, if any."""
    name, _ = look_at_each(spec.images, open_picture, "pictures")
    digest = digest_of(spec.images, "\0".join(given.text for given in spec.text).encode())
    return (
        name,
        digest,
        [document for path in spec.images for document in _documents(entry, spec, path)],
    )


def _documents(entry: int, spec: DocumentSpec, path: Path) -> list[Document]:
    if not spec.text:
        return [Document(entry, path.stem, "", "image", image=path)]
    return [
        Document(
            entry,
            given.title or f"{path.stem}: {opening(given.text)}",
            given.text,
            "image",
            image=path,
        )
        for given in spec.text
    ]


def picture_of(document: Document) -> Image.Image | None:
    """What a document looks like: a picture, a film's sheet of frames, a recording's waveform; None
    for texts."""
    if document.sound is not None:
        return waveform_of(document.sound)
    if document.film is not None:
        return sheet_of(document.film)
    return None if document.image is None else open_picture(document.image)
