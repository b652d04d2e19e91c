"""Shards of the images that stand for documents: small, photographs as JPEG, flat ones as PNG."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any, Final, TypeVar

from PIL import Image

from attnviz.documents import Document
from attnviz.format.shards import TARGET, ShardFolder

ImageRow = tuple[int, int, int, int, int, bytes]
"""Document, width, height, frames one below another and side by side, content."""
Row = TypeVar("Row", bound=tuple[Any, ...])

_SIDE: Final = 448
_FRAME: Final = 224
"""Pixels of a frame's side, where there are several: each is looked at by itself."""
_SMALL: Final = 64
_QUALITY: Final = 85
"""Of a JPEG: beyond it bytes grow fast, below it edges blur."""


def write_images(documents: Sequence[Document], into: ShardFolder) -> list[str]:
    """The images of documents that have one, at most 448 pixels a side, a frame of a video 224;
    returns the shards' ids.

    One shard at a time is in memory.
    """
    names = []
    for part, rows in enumerate(parts_of(_rows(documents))):
        of_rows = zip(_COLUMNS, zip(*rows, strict=True), strict=True)
        columns = {name: list(values) for name, values in of_rows}
        if all(columns[name] == [1] * len(rows) for name in _FRAMES):
            columns = {name: values for name, values in columns.items() if name not in _FRAMES}
        span = (rows[0][0], rows[-1][0] + 1)
        names.append(into.add(f"images-{part}", "image", columns, documents=span))
    return names


_FRAMES: Final = ("frames_down", "frames_across")
_COLUMNS: Final = ("document", "width", "height", *_FRAMES, "content")


def _rows(documents: Sequence[Document]) -> Iterator[ImageRow]:
    for number, document in enumerate(documents):
        image = document.picture()
        if image is not None:
            down, across = document.frames()
            width, height, content = _thumbnail(image, down, across)
            yield number, width, height, down, across, content


def parts_of(rows: Iterator[Row]) -> Iterator[list[Row]]:
    """Rows whose contents, their last values, have about 300 kB together."""
    part: list[Row] = []
    size = 0
    for row in rows:
        if part and size + len(row[-1]) > TARGET:
            yield part
            part, size = [], 0
        part.append(row)
        size += len(row[-1])
    if part:
        yield part


def _thumbnail(image: Image.Image, down: int, across: int) -> tuple[int, int, bytes]:
    """Width, height and content."""
    image.thumbnail((max(_SIDE, _FRAME * across), max(_SIDE, _FRAME * down)))
    exact = _encoded(image, "PNG")
    if max(image.size) < _SMALL:  # its pixels are shown enlarged
        return *image.size, exact
    photo = _encoded(image, "JPEG", quality=_QUALITY)
    return *image.size, photo if 2 * len(photo) < len(exact) else exact


def _encoded(image: Image.Image, kind: str, **options: Any) -> bytes:
    buffer = BytesIO()
    image.save(buffer, kind, **options)
    return buffer.getvalue()
