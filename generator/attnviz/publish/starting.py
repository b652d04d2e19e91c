"""The files that a repository of a report begins with."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attnviz.errors import InputError

_TEMPLATES: Final = Path(__file__).with_name("start")
WORKFLOW: Final = ".github/workflows/report.yml"


@dataclass(frozen=True)
class Start:
    """What was written, and what was there before and stays."""

    written: tuple[Path, ...]
    kept: tuple[Path, ...]
    notices: tuple[str, ...]


def start(folder: Path) -> Start:
    """Write a corpus, a workflow that publishes its report, and what Git shall not keep, into a
    folder, which is made where it is not there. What is there stays.

    InputError where the folder is a file, or cannot be written.
    """
    files = {
        "corpus.yaml": (_TEMPLATES / "corpus.yaml").read_bytes(),
        WORKFLOW: (_TEMPLATES / "workflow.yml").read_bytes(),
        ".gitignore": b"build/\n",
    }
    written, kept = [], []
    try:
        for name, content in files.items():
            place = folder / name
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                with place.open("xb") as file:
                    file.write(content)
                written.append(place)
            except FileExistsError:
                kept.append(place)
    except OSError as error:
        raise InputError(
            f"{folder}: cannot be written ({error.strerror}); expected a folder, or the name of one"
        ) from error
    return Start(tuple(written), tuple(kept), tuple(_notices(folder)))


def _notices(folder: Path) -> list[str]:
    root = next((place for place in folder.resolve().parents if (place / ".git").exists()), None)
    if root is None or (folder / ".git").exists():
        return []
    return [
        f"{folder} is inside the repository {root}; GitHub reads workflows at its root alone: move"
        f" {WORKFLOW} there, and let its commands name the corpus by its path"
    ]
