"""Image files opened: still images, and single frames of animated ones."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from attnviz.config.regular_files import fault_of_file
from attnviz.documents.contents import other_file
from attnviz.errors import InputError


@contextmanager
def _any_size() -> Iterator[None]:
    """Within this context Pillow has no limit of its own: its pixels are counted here."""
    limit = Image.MAX_IMAGE_PIXELS
    Image.MAX_IMAGE_PIXELS = None
    try:
        yield
    finally:
        Image.MAX_IMAGE_PIXELS = limit


def open_image(path: Path, frame: int = 0, most: int | None = None) -> Image.Image:
    """The image upright, in red, green and blue; of an animation this frame.

    Raises InputError if the file is no image, is damaged, has less than 2 × 2 pixels or more than
    `most`, None for any number: of an image that was looked at before.
    """
    if fault := fault_of_file(path):
        raise InputError(f"{path}: {fault}; expected an image")
    try:
        with _any_size(), Image.open(path) as image:
            width, height = image.size
            if most is not None and width * height > most:
                raise InputError(
                    f"{path}: has {width:,} × {height:,} pixels; at most {most:,} in all are read:"
                    " expected a smaller image, or a larger max_pixels"
                )
            if frame:
                image.seek(frame)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    # Pillow raises all of these for images that are damaged.
    except (OSError, EOFError, SyntaxError, ValueError, TypeError) as error:
        if instead := other_file(path):
            raise InputError(f"{path}: {instead}") from error
        reason = "" if isinstance(error, UnidentifiedImageError) else f" ({error})"
        raise InputError(
            f"{path}: is no image that can be read{reason}; expected PNG, JPEG or the like"
        ) from error
    if min(upright.size) < 2:
        width, height = upright.size
        raise InputError(
            f"{path}: has {width} × {height} pixels, too few to look at; expected at least 2 × 2"
        )
    return upright
