"""Videos as files: folders of frames, and animated images; and the sheet of frames that stands for
one in a report."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from PIL import Image

from attnviz.architectures.video_layout import sheet_grid
from attnviz.documents import open_image
from attnviz.errors import InputError
from attnviz.modalities.model_input import Crop

FRAME_ENDINGS: Final = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
"""Endings of a folder's frames."""


@dataclass(frozen=True)
class Video:
    """Frames of a folder of images or of an animated file, by number, in order.

    `step` is how many of them lie between those that the sheet shows; `crop` what a model sees of
    each.
    """

    path: Path
    frames: tuple[int, ...]
    step: int = 1
    crop: Crop = (0.0, 0.0, 1.0, 1.0)

    @property
    def title(self) -> str:
        """The name of the folder, or of the file without its ending."""
        return self.path.name if self.path.is_dir() else self.path.stem

    @property
    def files(self) -> list[Path]:
        """The files that hold the frames."""
        return frame_files(self.path) if self.path.is_dir() else [self.path]

    def open(self, number: int, most: int | None = None) -> Image.Image:
        """One frame, in red, green and blue. Raises InputError if it cannot be read, or has more
        pixels than `most`."""
        if self.path.is_dir():
            return open_image(self.files[number], most=most)
        return open_image(self.path, number, most)

    @property
    def grid(self) -> tuple[int, int]:
        """Rows and columns of the sheet."""
        return sheet_grid(len(self.frames[:: self.step]))

    def picture(self) -> Image.Image:
        """The sheet: its frames side by side, row by row, of each the part that the model sees."""
        numbers = self.frames[:: self.step]
        rows, columns = self.grid
        frames = [_cropped(self.open(number), self.crop) for number in numbers]
        width, height = frames[0].size
        sheet = Image.new("RGB", (columns * width, rows * height), (160, 160, 160))
        for place, frame in enumerate(frames):
            sheet.paste(frame, (place % columns * width, place // columns * height))
        return sheet


def _cropped(frame: Image.Image, crop: Sequence[float]) -> Image.Image:
    edges = (share * side for share, side in zip(crop, (*frame.size, *frame.size), strict=True))
    left, top, right, bottom = (round(edge) for edge in edges)
    return frame.crop((left, top, right, bottom))


def frame_files(folder: Path) -> list[Path]:
    """The frames of a folder by name; numbers in names count as numbers, so that 10 follows 9."""
    files = [path for path in folder.iterdir() if path.suffix.lower() in FRAME_ENDINGS]
    return sorted((path for path in files if path.is_file()), key=_natural)


def _natural(path: Path) -> list[tuple[int, str]]:
    parts = re.split(r"(\d+)", path.name)
    return [(int(part), part) if part.isdigit() else (-1, part) for part in parts]


def open_video(path: Path, most: int | None = None) -> Video:
    """A video with all its frames. Raises InputError if one cannot be read, has more pixels than
    `most`, or is of another size than the first."""
    count = len(frame_files(path)) if path.is_dir() else _length(path, most)
    if path.is_dir() and not count:
        raise InputError(
            f"{path}: holds no frames; expected images that end in {', '.join(FRAME_ENDINGS)}"
        )
    video = Video(path, tuple(range(count)))
    first_width, first_height = video.open(0, most).size
    # An animated file has one size, and is read from its beginning for each frame: its last one
    # tells of all.
    for number in video.frames if path.is_dir() else video.frames[-1:]:
        width, height = video.open(number, most).size
        if (width, height) != (first_width, first_height):
            raise InputError(
                f"{path}: frame {number + 1} has {width} × {height} pixels, the first {first_width}"
                f" × {first_height}; expected frames of one size"
            )
    return video


def _length(path: Path, most: int | None) -> int:
    """The frames of an animated file. Raises InputError if it is none."""
    open_image(path, most=most)
    with Image.open(path) as image:
        count = int(getattr(image, "n_frames", 1))
    if count < 2:
        raise InputError(
            f"{path}: is a single image; expected an animated GIF or WebP, or a folder of frames"
        )
    return count
