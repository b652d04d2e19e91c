"""Films as documents: folders of frames, and animated pictures."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from attnviz.config import DocumentSpec
from attnviz.documents.document import Document
from attnviz.documents.files import digest_of, look_at_each
from attnviz.documents.frames import FRAMES, Film, frame_files, open_picture
from attnviz.errors import InputError


def read_films(entry: int, spec: DocumentSpec) -> tuple[str, bytes, list[Document]]:
    """What to call an entry's films, bytes that stand for them, and a document each."""
    name, films = look_at_each(spec.videos, _read, "films")
    files = [
        file
        for film in films
        for file in (frame_files(film.path) if film.path.is_dir() else [film.path])
    ]
    return (
        name,
        digest_of(files),
        [Document(entry, _title(film.path), "", "video", film=film) for film in films],
    )


def _title(path: Path) -> str:
    return path.name if path.is_dir() else path.stem


def _read(path: Path) -> Film:
    """A film with all its frames; InputError where one cannot be read, or is of another size than
    the first."""
    count = len(frame_files(path)) if path.is_dir() else _length(path)
    if path.is_dir() and not count:
        raise InputError(
            f"{path}: holds no frames; expected pictures that end in {', '.join(FRAMES)}"
        )
    film = Film(path, tuple(range(count)))
    first_width, first_height = film.open(0).size
    # An animated file has one size, and is read from its beginning for each frame: its last one
    # tells of all.
    for number in film.frames if path.is_dir() else film.frames[-1:]:
        width, height = film.open(number).size
        if (width, height) != (first_width, first_height):
            raise InputError(
                f"{path}: frame {number + 1} has {width} × {height} pixels, the first {first_width}"
                f" × {first_height}; expected frames of one size"
            )
    return film


def _length(path: Path) -> int:
    """The frames of an animated file; InputError where it is none."""
    open_picture(path)
    with Image.open(path) as opened:
        count = int(getattr(opened, "n_frames", 1))
    if count < 2:
        raise InputError(
            f"{path}: is a single picture; expected an animated GIF or WebP, or a folder of frames"
        )
    return count
