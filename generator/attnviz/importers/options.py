"""The options of a report of attention that was given: those of corpus.yaml but for models and
documents, which are given too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from attnviz.config import Config, parse_config
from attnviz.config.values import fitting
from attnviz.errors import InputError
from attnviz.importers.captures import STORY, as_written, read_capture


def name_of(path: Path) -> str:
    """The name of a report of a file or folder.

    >>> name_of(Path("runs/my attention.json"))
    'my-attention'
    """
    return fitting(path.stem)


def config_of_capture(folder: Path, overrides: Mapping[str, object]) -> Config:
    """The configuration of a report of a capture: its corpus's options, some overridden. Raises
    InputError if the capture cannot be read."""
    content = read_capture(folder)
    with as_written(folder):
        name = fitting(str(content["name"]))
        placeholder = {"models": [{"source": "captured"}], "documents": [{"text": [name]}]}
        options = placeholder | content["options"] | dict(overrides)
        update: dict[str, Any] = {
            "sha256": str(content["sha256"]),
            "path": Path(content["file"]),
            "story": folder / STORY if STORY in content["files"] else None,
        }
    return parse_config(options, Path.cwd(), name).model_copy(update=update)


_GIVEN = ("models", "documents", "batch_tokens", "long", "window")


def config_of(options: Mapping[str, object], name: str) -> Config:
    """The configuration of a report of one model called `name`. Raises InputError for options that
    there are none of."""
    foreign = [key for key in options if key in _GIVEN]
    if foreign:
        raise InputError(
            f"options: {foreign[0]} has no meaning where attention is given; expected title, maps,"
            " fidelity, vectors, seed or site"
        )
    maps = options.get("maps")
    if isinstance(maps, Mapping) and maps.get("rotary") == "before":
        raise InputError(
            "options: maps.rotary: queries and keys are as given; leave it out, or give those from"
            " before"
        )
    placeholder = {"models": [{"source": name, "name": name}], "documents": [{"text": [name]}]}
    return parse_config(placeholder | dict(options), Path.cwd(), name)
