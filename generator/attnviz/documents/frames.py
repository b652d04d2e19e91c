"""Pictures opened, frames of films among them, and the sheet of frames that stands for a film."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image, ImageOps, UnidentifiedImageError

from attnviz.errors import InputError


def open_picture(path: Path, frame: int = 0) -> Image.Image:
    """The picture upright, in red, green and blue; of an animation one frame. InputError where it
    is none."""
    try:
        with Image.open(path) as picture:
            if frame:
                picture.seek(frame)
            upright = ImageOps.exif_transpose(picture).convert("RGB")
    except Image.DecompressionBombError as error:
        raise InputError(
            f"{path}: is too large a picture ({error}); expected a smaller one"
        ) from error
    except (
        OSError,
        EOFError,
        SyntaxError,
        ValueError,
        TypeError,
    ) as error:  # Pillow's words for pictures that are damaged
        reason = "" if isinstance(error, UnidentifiedImageError) else f" ({error})"
        raise InputError(
            f"{path}: is no picture that can be read{reason}; expected PNG, JPEG or the like"
        ) from error
    if min(upright.size) < 2:
        width, height = upright.size
        raise InputError(
            f"{path}: has {width} × {height} pixels, too few to look at; expected at least 2 × 2"
        )
    return upright


FRAMES: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
"""Endings of a folder's frames."""


@dataclass(frozen=True)
class Film:
    """Frames of a folder of pictures or of an animated file, by number, in order.

    `shown` is every how many of them one is on the sheet; `part` what a model sees of each: left,
    top, right and bottom as shares of its width and height.
    """

    path: Path
    frames: tuple[int, ...]
    shown: int = 1
    part: tuple[float, float, float, float] = (0.0, 0.0, 1.0, 1.0)

    def open(self, number: int) -> Image.Image:
        """One frame, in red, green and blue. InputError where it cannot be read."""
        if self.path.is_dir():
            return open_picture(frame_files(self.path)[number])
        return open_picture(self.path, number)


def sheet_grid(count: int) -> tuple[int, int]:
    """Rows and columns of a sheet of so many frames, about as many of each.

    >>> sheet_grid(8)
    (3, 3)
    """
    columns = math.ceil(math.sqrt(count))
    return math.ceil(count / columns), columns


def sheet_of(film: Film) -> Image.Image:
    """The film's frames side by side, row by row: of each the part that the model sees."""
    numbers = film.frames[:: film.shown]
    rows, columns = sheet_grid(len(numbers))
    frames = [_part(film.open(number), film.part) for number in numbers]
    width, height = frames[0].size
    sheet = Image.new("RGB", (columns * width, rows * height), (160, 160, 160))
    for place, frame in enumerate(frames):
        sheet.paste(frame, (place % columns * width, place // columns * height))
    return sheet


def _part(frame: Image.Image, part: Sequence[float]) -> Image.Image:
    edges = (share * side for share, side in zip(part, (*frame.size, *frame.size), strict=True))
    left, top, right, bottom = (round(edge) for edge in edges)
    return frame.crop((left, top, right, bottom))


def frame_files(folder: Path) -> list[Path]:
    """The frames of a folder by name; numbers in names count as numbers, so that 10 follows 9."""
    found = (path for path in folder.iterdir() if path.suffix.lower() in FRAMES and path.is_file())
    return sorted(found, key=_natural)


def _natural(path: Path) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), part) if part.isdigit() else (-1, part) for part in parts]
