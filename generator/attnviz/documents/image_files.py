"""Image files opened: still images, and single frames of animated ones."""

from __future__ import annotations

from pathlib import Path

from PIL import Image, ImageOps, UnidentifiedImageError

from attnviz.errors import InputError


def open_image(path: Path, frame: int = 0) -> Image.Image:
    """The image upright, in red, green and blue; of an animation this frame.

    Raises InputError if the file is no image, is damaged, too large, or has less than 2 × 2 pixels.
    """
    try:
        with Image.open(path) as image:
            if frame:
                image.seek(frame)
            upright = ImageOps.exif_transpose(image).convert("RGB")
    except Image.DecompressionBombError as error:
        raise InputError(
            f"{path}: is too large an image ({error}); expected a smaller one"
        ) from error
    # Pillow raises all of these for images that are damaged.
    except (OSError, EOFError, SyntaxError, ValueError, TypeError) as error:
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
