"""Pictures as documents."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from attnviz.config import DocumentSpec
from attnviz.documents.document import Document, opening
from attnviz.errors import InputError


def open_picture(path: Path) -> Image.Image:
    """The picture upright, in red, green and blue; of an animation the first. InputError where it is none."""
    try:
        with Image.open(path) as picture:
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Image.DecompressionBombError as error:
        raise InputError(f"{path}: is too large a picture ({error}); expected a smaller one") from error
    except (OSError, SyntaxError, ValueError, TypeError) as error:  # Pillow's words for pictures that are damaged
        reason = "" if isinstance(error, UnidentifiedImageError) else f" ({error})"
        raise InputError(f"{path}: is no picture that can be read{reason}; expected PNG, JPEG or the like") from error
    if min(upright.size) < 2:
        width, height = upright.size
        raise InputError(f"{path}: has {width} × {height} pixels, too few to look at; expected at least 2 × 2")
    return upright


def read_pictures(entry: int, spec: DocumentSpec) -> tuple[str, bytes, list[Document]]:
    """What to call an entry's pictures, bytes that stand for them, and a document each: with each text, if any."""
    digest = hashlib.sha256()
    problems: list[str] = []
    for path in spec.images:
        try:
            open_picture(path)
        except InputError as error:
            problems += error.problems
            continue
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    if problems:
        raise InputError(problems)
    digest.update("\0".join(given.text for given in spec.text).encode())
    first, count = spec.images[0], len(spec.images)
    name = first.name if count == 1 else f"{count} pictures in {first.parent.name}"
    return name, digest.digest(), [document for path in spec.images for document in _documents(entry, spec, path)]


def _documents(entry: int, spec: DocumentSpec, path: Path) -> list[Document]:
    if not spec.text:
        return [Document(entry, path.stem, "", "image", image=path)]
    return [
        Document(entry, given.title or f"{path.stem}: {opening(given.text)}", given.text, "image", image=path)
        for given in spec.text
    ]
