"""Shards of the images that stand for documents: small, photographs as JPEG, flat ones as PNG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Final

from PIL import Image

from attnviz.documents import Document
from attnviz.format.shards import TARGET, ShardFolder

ImageRow = tuple[int, int, int, bytes]
"""Document, width, height, content."""

_SIDE: Final = 448
_SMALL: Final = 64
_QUALITY: Final = 85
"""Of a JPEG: beyond it bytes grow fast, below it edges blur."""


def write_images(documents: Sequence[Document], into: ShardFolder) -> list[str]:
    """The images of documents that have one, at most 448 pixels a side; returns the shards' ids.

    One shard at a time is in memory.
    """
    names = []
    for part, rows in enumerate(_parts(_rows(documents))):
        numbers, widths, heights, contents = (list(column) for column in zip(*rows, strict=True))
        columns = {"document": numbers, "width": widths, "height": heights, "content": contents}
        span = (rows[0][0], rows[-1][0] + 1)
        names.append(into.add(f"images-{part}", "image", columns, documents=span))
    return names


def _rows(documents: Sequence[Document]) -> Iterator[ImageRow]:
    for number, document in enumerate(documents):
        image = document.picture()
        if image is not None:
            yield number, *_thumbnail(image)


def _parts(rows: Iterator[ImageRow]) -> Iterator[list[ImageRow]]:
    """Rows of about 300 kB together."""
    part: list[ImageRow] = []
    size = 0
    for row in rows:
        if part and size + len(row[3]) > TARGET:
            yield part
            part, size = [], 0
        part.append(row)
        size += len(row[3])
    if part:
        yield part


def _thumbnail(image: Image.Image) -> tuple[int, int, bytes]:
    """Width, height and content."""
    image.thumbnail((_SIDE, _SIDE))
    exact = _encoded(image, "PNG")
    if max(image.size) < _SMALL:  # its pixels are shown enlarged
        return *image.size, exact
    photo = _encoded(image, "JPEG", quality=_QUALITY)
    return *image.size, photo if 2 * len(photo) < len(exact) else exact


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
