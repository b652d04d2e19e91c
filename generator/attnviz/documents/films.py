"""Films as documents: folders of frames, and animated pictures."""

from __future__ import annotations

import hashlib
from pathlib import Path

from PIL import Image

from attnviz.config import DocumentSpec
from attnviz.documents.document import Document
from attnviz.documents.frames import FRAMES, Film, frame_files, open_picture
from attnviz.errors import InputError


def read_films(entry: int, spec: DocumentSpec) -> tuple[str, bytes, list[Document]]:
    """What to call an entry's films, bytes that stand for them, and a document each."""
    problems: list[str] = []
    films: list[Document] = []
    digest = hashlib.sha256()
    for path in spec.videos:
        try:
            title = path.name if path.is_dir() else path.stem
            films.append(Document(entry, title, "", "video", film=_read(path)))
        except InputError as error:
            problems += error.problems
            continue
        for file in frame_files(path) if path.is_dir() else [path]:
            digest.update(hashlib.sha256(file.read_bytes()).digest())
    if problems:
        raise InputError(problems)
    first, count = spec.videos[0], len(spec.videos)
    return first.name if count == 1 else f"{count} films in {first.parent.name}", digest.digest(), films


def _read(path: Path) -> Film:
    """A film with all its frames; InputError where one cannot be read, or is of another size than the first."""
    count = len(frame_files(path)) if path.is_dir() else _length(path)
    if path.is_dir() and not count:
        raise InputError(f"{path}: holds no frames; expected pictures that end in {', '.join(FRAMES)}")
    film = Film(path, tuple(range(count)))
    first_width, first_height = film.open(0).size
    # An animated file has one size, and is read from its beginning for each frame: its last one tells of all.
    for number in film.frames if path.is_dir() else film.frames[-1:]:
        width, height = film.open(number).size
        if (width, height) != (first_width, first_height):
            raise InputError(
                f"{path}: frame {number + 1} has {width} × {height} pixels, the first {first_width} × {first_height}; "
                "expected frames of one size"
            )
    return film


def _length(path: Path) -> int:
    """The frames of an animated file; InputError where it is none."""
    open_picture(path)
    with Image.open(path) as opened:
        count = int(getattr(opened, "n_frames", 1))
    if count < 2:
        raise InputError(f"{path}: is a single picture; expected an animated GIF or WebP, or a folder of frames")
    return count
